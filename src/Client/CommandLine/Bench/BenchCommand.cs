using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;
using Splitwiser.Client.CommandLine.Servers;

namespace Splitwiser.Client.CommandLine.Bench;

/// <summary>bench: puts load on a running server and tells how it bore it.</summary>
internal sealed class BenchCommand(Terminal terminal)
{
    private const string Stdout = "-";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly BenchOptions options = new();
    private readonly ServerOptions servers = new();

    public Command Create()
    {
        var command = new Command("bench", "Puts load on a running server: throughput, times to and between tokens, failures.");
        options.AddTo(command);
        servers.AddTo(command);
        command.SetAction((parsed, cancelled) => servers.Run(terminal, parsed, cancelled, async (server, ct) =>
        {
            try
            {
                return await Run(server, parsed, ct);
            }
            catch (BadPromptFileException e)
            {
                return await terminal.Fail($"--prompts: {e.Message}", ExitCode.Usage);
            }
        }));
        return command;
    }

    /// <summary>1 when no request was answered.</summary>
    private async Task<int> Run(IServer server, ParseResult parsed, CancellationToken ct)
    {
        var plan = options.Plan(parsed);
        var prompts = options.Prompts(parsed, plan);
        var model = plan.Model ?? (await server.Models(ct)).FirstOrDefault()?.Id;
        var run = new BenchRun(server, plan, terminal.Time);
        var answers = await Measured(run, plan, prompts, ct);
        var result = new BenchResult(plan, answers, run.Duration, run.MostUnderWay);
        var file = options.Output(parsed);
        var json = BenchJson.Of(result, server.Address, model, terminal.Time.GetUtcNow()).ToJsonString(Indented);
        if (file is not null and not Stdout)
            await File.WriteAllTextAsync(file, json + "\n", ct);
        if (file == Stdout)
            await terminal.Output.WriteLineAsync(json);
        else
            new BenchReport(terminal.Screen).Write(result);
        return result.Completed > 0 ? ExitCode.Success : ExitCode.Failed;
    }

    private async Task<IReadOnlyList<BenchAnswer>> Measured(BenchRun run, BenchPlan plan, IReadOnlyList<BenchPrompt> prompts, CancellationToken ct)
    {
        if (!terminal.IsWatched)
            return await All(_ => { });
        return await terminal.Screen.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new ValueColumn(), new ElapsedTimeColumn())
            .StartAsync(async bars =>
            {
                var bar = bars.AddTask("requests", maxValue: plan.Requests);
                return await All(_ => bar.Increment(1));
            });

        async Task<IReadOnlyList<BenchAnswer>> All(Action<BenchAnswer> ended)
        {
            await run.WarmUp(prompts.Take(plan.WarmUps), ct);
            return await run.Measure([.. prompts.Skip(plan.WarmUps)], ended, ct);
        }
    }

    /// <summary>"12/100".</summary>
    private sealed class ValueColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text($"{task.Value:F0}/{task.MaxValue:F0}");
    }
}
