using Spectre.Console;
using Splitwiser.Silo.Hosting;

return await new HostCommandLine(AnsiConsole.Console, Console.Error).Run(args);
