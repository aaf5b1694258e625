using System.Diagnostics;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Bench;

/// <summary>One way to serve the working set: what its clients saw after the first round, and what the device says of its cache.</summary>
internal sealed class CacheRun(DeviceWorker worker, CachePlan plan)
{
    private readonly List<double> firsts = [], gaps = [];   // seconds; guarded by the lists' lock
    private readonly int vocabulary = worker.Runner.Model.VocabularySize;

    public double MedianFirst => Percentile(firsts, 0.5);
    public double P99First => Percentile(firsts, 0.99);

    /// <summary>Between two tokens of the streams that decode beside the prompts.</summary>
    public double MedianGap => Percentile(gaps, 0.5);
    public double P99Gap => Percentile(gaps, 0.99);

    /// <summary>Of the rounds after the first: prompt tokens that were not computed, of those that one infinite cache would have.</summary>
    public double HitShare { get; private set; }
    public double HostHitShare { get; private set; }
    public double Seconds { get; private set; }
    public long PagesOut { get; private set; }
    public long PagesIn { get; private set; }

    /// <summary>(prompts, rounds + 1) the answers, to be compared with another run's.</summary>
    public int[][][] Answers { get; private set; } = [];

    public async Task<CacheRun> Measure(CancellationToken ct)
    {
        var prompts = plan.Prompts(worker.Pages.Total);
        Answers = [.. Enumerable.Range(0, prompts).Select(_ => new int[plan.Rounds + 1][])];
        await Round(0, null, ct);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var streams = Enumerable.Range(0, plan.Streams).Select(stream => Decode(stream, ends.Token)).ToList();
        var before = worker.Statistics;
        var started = Stopwatch.GetTimestamp();
        for (var round = 1; round <= plan.Rounds; round++) await Round(round, firsts, ct);
        Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await ends.CancelAsync();
        await Task.WhenAll(streams);
        var after = worker.Statistics;
        var ideal = (double)prompts * plan.Rounds * plan.SharedTokens;
        HitShare = (after.PrefixHitTokens - before.PrefixHitTokens) / ideal;
        HostHitShare = (after.HostHitTokens - before.HostHitTokens) / ideal;
        (PagesOut, PagesIn) = (after.PagesCopiedOut - before.PagesCopiedOut, after.PagesCopiedIn - before.PagesCopiedIn);
        return this;
    }

    /// <summary>Every prompt once, in an order of the round's own, some at a time.</summary>
    private async Task Round(int round, List<double>? seconds, CancellationToken ct)
    {
        var order = Enumerable.Range(0, Answers.Length).ToArray();
        new Random(round).Shuffle(order);
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, plan.Together).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var place && place < order.Length)
            {
                var (tokens, first) = await Ask(Prompt(order[place], round), plan.Output, null, ct);
                Answers[order[place]][round] = tokens;
                if (seconds is null) continue;
                lock (seconds) seconds.Add(first);
            }
        }, ct)));
    }

    /// <summary>A stream that decodes until the end, one answer after the other.</summary>
    private async Task Decode(int stream, CancellationToken ct)
    {
        try
        {
            for (var answer = 0; ; answer++) await Ask(Tokens(1_000_000 + stream * 1000 + answer, 32), 256, gaps, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
    }

    private async Task<(int[] Tokens, double First)> Ask(int[] prompt, int output, List<double>? between, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        var request = new PromptRequest { Tokens = prompt, OutputStart = prompt.Length, MaxTokens = output, Sampling = SamplingParams.Greedy };
        var handoff = await worker.Prefill(request, ct);
        var first = Stopwatch.GetElapsedTime(started).TotalSeconds;
        using var reader = worker.Attach(handoff.Lease, 0);
        try
        {
            var tokens = new List<int>(output);
            var last = 0L;
            while (await reader.WaitToReadAsync(ct))
            {
                while (reader.TryRead(out var token)) tokens.Add(token.Token.TokenId);
                var now = Stopwatch.GetTimestamp();
                if (last != 0 && between is not null)
                    lock (between) between.Add(Stopwatch.GetElapsedTime(last, now).TotalSeconds);
                last = now;
            }

            return ([.. tokens], first);
        }
        finally
        {
            worker.Release(handoff.Lease);
        }
    }

    private int[] Prompt(int prompt, int round) => [.. Tokens(prompt, plan.SharedTokens), .. Tokens(10_000 + prompt * 1000 + round, plan.Prompt - plan.SharedTokens)];

    private int[] Tokens(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
    }

    private static double Percentile(List<double> values, double share)
    {
        if (values.Count == 0) return 0;
        var sorted = values.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
