using Spectre.Console;

namespace Splitwiser.Client.CommandLine;

/// <summary>What the commands talk to people by.</summary>
/// <param name="Screen">For tables and bars.</param>
/// <param name="Input">Where questions come from when nobody types them at the screen.</param>
internal sealed record Terminal(IAnsiConsole Screen, TextReader Input, TextWriter Errors, TimeProvider Time)
{
    /// <summary>Of a table whose reader is a program: lines are not broken.</summary>
    private const int PipeWidth = 240;

    /// <summary>For text as it is: an answer, JSON.</summary>
    public TextWriter Output => Screen.Profile.Out.Writer;

    /// <summary>A person watches: bars and live tables are drawn.</summary>
    public bool IsWatched => Screen.Profile.Capabilities is { Interactive: true, Ansi: true };

    /// <summary>It shows colours, and NO_COLOR is not set.</summary>
    public bool HasColours => Screen.Profile.Capabilities is { Ansi: true, ColorSystem: not ColorSystem.NoColors };

    /// <summary>A person types at the screen, so that a line can be edited.</summary>
    public bool CanEdit { get; init; }

    /// <summary>The process's own.</summary>
    public static Terminal OfProcess()
    {
        var screen = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
        {
            screen.Profile.Width = PipeWidth;
            screen.Profile.Capabilities.Interactive = screen.Profile.Capabilities.Ansi = false;
            screen.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
        }

        return new(screen, Console.In, Console.Error, TimeProvider.System) { CanEdit = !Console.IsInputRedirected && !Console.IsOutputRedirected && screen.Profile.Capabilities.Ansi };
    }

    public async Task<int> Fail(string message, int code = ExitCode.Failed)
    {
        await Errors.WriteLineAsync($"error: {message}");
        return code;
    }
}
