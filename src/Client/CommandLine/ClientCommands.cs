using System.CommandLine;
using Splitwiser.Client.CommandLine.Bench;
using Splitwiser.Client.CommandLine.Chat;

namespace Splitwiser.Client.CommandLine;

/// <summary>What can be done with a running server.</summary>
internal static class ClientCommands
{
    public static IReadOnlyList<Command> Create(Terminal terminal) =>
    [
        new ChatCommand(terminal).Create(),
        new GenerateCommand(terminal).Create(),
        new BenchCommand(terminal).Create(),
        new ModelsCommand(terminal).Create(),
        new DevicesCommand(terminal).Create(),
    ];
}
