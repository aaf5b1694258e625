using System.Diagnostics;
using Splitwiser.Bench.Devices;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Bench.Paper;

/// <summary>One run of all prompts. Times in seconds from its start, at which every prompt was there.</summary>
/// <param name="Latency">Mean time to a request's last token.</param>
/// <param name="Bytes">Memory traffic as modelled.</param>
/// <param name="PageBytes">Most of the pool that was in use.</param>
/// <param name="Prefill">Steps with prompts alone.</param>
/// <param name="Decode">Decode steps.</param>
/// <param name="Mixed">Steps with both.</param>
internal sealed record PaperRun(double Seconds, int Tokens, double FirstToken, double Latency, double LatencyP99, double Bytes, long PageBytes, PhaseWork Prefill, PhaseWork Decode, PhaseWork Mixed)
{
    /// <param name="group">Prompts that are submitted at a time; the next ones when all of these have ended.</param>
    /// <exception cref="InvalidOperationException">Tokens are missing.</exception>
    public static async Task<PaperRun> Measure(BenchDevice device, StepWatch watch, DeviceWorker worker, int[][] prompts, int output, int group, CancellationToken ct)
    {
        watch.Begin();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var pages = MostPages(worker, over.Token);
        var started = Stopwatch.GetTimestamp();
        List<Answer> answers = new(prompts.Length);
        foreach (var batch in prompts.Chunk(group)) answers.AddRange(await Task.WhenAll(batch.Select(prompt => Task.Run(() => One(worker, prompt, output, started, ct), ct))));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await over.CancelAsync();
        var tokens = answers.Sum(answer => answer.Tokens);
        if (tokens != prompts.Length * output) throw new InvalidOperationException($"{tokens} tokens came instead of {prompts.Length * output}.");
        var steps = watch.Steps;
        return new PaperRun(
            seconds, tokens, Median.Of(answers.Select(answer => answer.First)), answers.Average(answer => answer.Last), Percentile.Of(answers.Select(answer => answer.Last), 0.99),
            steps.Sum(step => device.Work.Bytes(step)), await pages * device.Work.PageBytes,
            PhaseWork.Of(steps.Where(step => step.DecodeRows == 0), device.Work), PhaseWork.Of(steps.Where(step => step.PrefillTokens == 0), device.Work), PhaseWork.Of(steps.Where(step => step is { DecodeRows: > 0, PrefillTokens: > 0 }), device.Work));
    }

    /// <summary>The run of the median time.</summary>
    public static PaperRun MedianOf(IEnumerable<PaperRun> runs)
    {
        var ordered = runs.OrderBy(run => run.Seconds).ToArray();
        return ordered[(ordered.Length - 1) / 2];
    }

    private static async Task<Answer> One(DeviceWorker worker, int[] prompt, int output, long started, CancellationToken ct)
    {
        var handoff = await worker.Prefill(new PromptRequest { Tokens = prompt, OutputStart = prompt.Length, MaxTokens = output, Sampling = SamplingParams.Greedy }, ct);
        var first = Stopwatch.GetElapsedTime(started).TotalSeconds;
        using var reader = worker.Attach(handoff.Lease, 0);
        var tokens = 0;
        while (await reader.WaitToReadAsync(ct))
            while (reader.TryRead(out _)) tokens++;
        return new Answer(first, Stopwatch.GetElapsedTime(started).TotalSeconds, tokens);
    }

    private static async Task<long> MostPages(DeviceWorker worker, CancellationToken ct)
    {
        var most = 0;
        while (!ct.IsCancellationRequested)
        {
            most = Math.Max(most, worker.Pages.Leased);
            await Task.Delay(5, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return most;
    }

    private readonly record struct Answer(double First, double Last, int Tokens);
}

/// <summary>What the steps of one kind took, computed and moved.</summary>
internal sealed record PhaseWork(int Steps, double Seconds, double Operations, double Bytes)
{
    public static PhaseWork Of(IEnumerable<StepRecord> steps, StepWork work)
    {
        var (count, seconds, operations, bytes) = (0, 0.0, 0.0, 0.0);
        foreach (var step in steps) (count, seconds, operations, bytes) = (count + 1, seconds + step.Duration.TotalSeconds, operations + work.Operations(step), bytes + work.Bytes(step));
        return new PhaseWork(count, seconds, operations, bytes);
    }
}
