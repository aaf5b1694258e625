using System.CommandLine;
using Spectre.Console;
using Splitwiser.Bench;
using Splitwiser.Bench.Conversations;
using Splitwiser.Bench.Fleet;
using Splitwiser.Bench.Kill;
using Splitwiser.Bench.Paper;
using Splitwiser.Bench.Phases;
using Splitwiser.Bench.Serve;

if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160;      // tables in a file are not cut to a screen
var root = new RootCommand("Benchmarks of Splitwiser. Each prints a table and writes its figures as JSON with hardware, commit and command.")
{
    EngineCommand.Create(),
    KernelCommand.Create(),
    GrammarCommand.Create(),
    StartCommand.Create(),
    ConversationsCommand.Create(),
    OverloadCommand.Create(),
    PhasesCommand.Create(),
    ServeCommand.Create(),
    PaperCommand.Create(),
    PaperCommand.CreatePart(),
    CacheCommand.Create(),
    FleetCommand.Create(),
    KillCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
