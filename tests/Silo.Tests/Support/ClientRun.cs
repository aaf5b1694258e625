using System.CommandLine;
using Spectre.Console;
using Splitwiser.Client.CommandLine;

namespace Splitwiser.Silo.Tests;

/// <summary>One run of the client's command line, in this process.</summary>
internal sealed record ClientRun(int Code, string Output, string Errors)
{
    /// <param name="input">What is piped into it.</param>
    /// <param name="told">All of the output so far, each time that some comes.</param>
    /// <param name="colours">Somebody watches, on a terminal with colours.</param>
    public static async Task<ClientRun> Of(string[] args, string input = "", Action<string>? told = null, bool colours = false, CancellationToken? ct = null)
    {
        var (output, errors) = (new WatchedWriter(told), new StringWriter());
        var screen = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = colours ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        screen.Profile.Width = 120;
        var root = new RootCommand();
        foreach (var command in ClientCommands.Create(new Terminal(screen, new StringReader(input), errors, TimeProvider.System)))
            root.Subcommands.Add(command);
        var code = await root.Parse(args).InvokeAsync(new InvocationConfiguration { Output = TextWriter.Null, Error = errors, ProcessTerminationTimeout = null }, ct ?? TestContext.Current.CancellationToken);
        return new(code, output.ToString(), errors.ToString());
    }

    private sealed class WatchedWriter(Action<string>? told) : StringWriter
    {
        public override void Write(char value)
        {
            base.Write(value);
            told?.Invoke(ToString());
        }

        public override void Write(string? value)
        {
            base.Write(value);
            told?.Invoke(ToString());
        }

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            told?.Invoke(ToString());
        }

        public override async Task WriteAsync(string? value)
        {
            await base.WriteAsync(value);
            told?.Invoke(ToString());
        }
    }
}
