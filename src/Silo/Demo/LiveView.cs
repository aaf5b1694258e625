using Spectre.Console;
using Spectre.Console.Rendering;

namespace Splitwiser.Silo.Demo;

/// <summary>For a terminal: a panel an answer, two in a row, redrawn a few times a second.</summary>
internal sealed class LiveView(IAnsiConsole console) : IDemoView
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(66);

    public async Task Show(IReadOnlyList<DemoAnswer> answers, Func<Action<DemoAnswer, string>, Task> streams)
    {
        await console.Live(Draw(answers)).StartAsync(async live =>
        {
            var running = streams((_, _) => { });
            using var frames = new PeriodicTimer(Frame);
            while (!running.IsCompleted)
            {
                await frames.WaitForNextTickAsync();
                live.UpdateTarget(Draw(answers));
            }

            await running;
            live.UpdateTarget(Draw(answers));
        });
    }

    private static Grid Draw(IReadOnlyList<DemoAnswer> answers)
    {
        var grid = new Grid().AddColumn().AddColumn();
        foreach (var pair in answers.Chunk(2))
            grid.AddRow([.. pair.Select(Panel)]);
        return grid;
    }

    private static IRenderable Panel(DemoAnswer answer) =>
        new Panel(new Markup($"[grey]{Markup.Escape(answer.Prompt)}[/]{Markup.Escape(answer.Text)}"))
            .Header(answer.End is null ? $" {answer.Number} " : $" {answer.Number} done ")
            .BorderColor(answer.End is null ? Color.Green : Color.Grey)
            .Expand();
}
