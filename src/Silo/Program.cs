using Splitwiser.Client.CommandLine;
using Splitwiser.Silo.Hosting;

return await new HostCommandLine(Terminal.OfProcess()).Run(args);
