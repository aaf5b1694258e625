using System.CommandLine;
using Splitwiser.Client.CommandLine;

var root = new RootCommand("Client of a Splitwiser silo.") { new GenerateCommand(Console.Out, Console.Error, TimeProvider.System).Create() };
var parsed = root.Parse(args);
var code = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
