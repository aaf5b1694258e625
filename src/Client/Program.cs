using System.CommandLine;
using Splitwiser.Client.CommandLine;

var root = new RootCommand("Client of a Splitwiser silo, and of any server that speaks OpenAI's API.");
foreach (var command in ClientCommands.Create(Terminal.OfProcess()))
    root.Subcommands.Add(command);
var parsed = root.Parse(args);
var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }); // the commands see to Ctrl-C
return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
