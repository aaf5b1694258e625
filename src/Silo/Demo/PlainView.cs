using System.Text;
using Spectre.Console;

namespace Splitwiser.Silo.Demo;

/// <summary>For pipes and logs: a line of an answer as soon as it is full, so that the answers interleave as they come.</summary>
internal sealed class PlainView(IAnsiConsole console) : IDemoView
{
    private const int Width = 72;
    private readonly Lock gate = new(); // the console and the open lines

    public async Task Show(IReadOnlyList<DemoAnswer> answers, Func<Action<DemoAnswer, string>, Task> streams)
    {
        foreach (var answer in answers)
            console.WriteLine($"[{answer.Number}] prompt: {Shortened(answer.Prompt)}");
        console.WriteLine();
        var lines = answers.ToDictionary(answer => answer, _ => new StringBuilder());
        await streams((answer, text) => Add(answer, lines[answer], text));
        foreach (var (answer, line) in lines)
            Write(answer, line, line.Length);
    }

    private void Add(DemoAnswer answer, StringBuilder line, string text)
    {
        lock (gate)
        {
            line.Append(text.ReplaceLineEndings(" "));
            while (line.Length > Width)
            {
                var space = line.ToString(0, Width).LastIndexOf(' ');
                Write(answer, line, space > 0 ? space + 1 : Width);
            }
        }
    }

    /// <summary>The end of a long prompt: that is what the answer goes on from.</summary>
    private static string Shortened(string prompt) => prompt.Length <= Width - 10 ? prompt : $"... {prompt[^(Width - 14)..]}";

    private void Write(DemoAnswer answer, StringBuilder line, int length)
    {
        if (length == 0)
            return;
        console.WriteLine($"[{answer.Number}] {line.ToString(0, length)}");
        line.Remove(0, length);
    }
}
