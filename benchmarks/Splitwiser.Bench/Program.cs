using System.CommandLine;
using Splitwiser.Bench;
using Splitwiser.Bench.Phases;

var root = new RootCommand("Benchmarks of Splitwiser. Each prints a table and writes its figures as JSON with hardware, commit and command.")
{
    EngineCommand.Create(),
    KernelCommand.Create(),
    GrammarCommand.Create(),
    StartCommand.Create(),
    OverloadCommand.Create(),
    PhasesCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
