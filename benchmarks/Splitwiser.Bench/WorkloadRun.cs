using System.Diagnostics;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Bench;

/// <summary>One run of a workload as its clients see it: how long it took, when first tokens came and how far apart the others.</summary>
internal sealed class WorkloadRun
{
    private readonly long started = Stopwatch.GetTimestamp();
    private readonly List<double> firsts = [], gaps = [];   // seconds; guarded by the lists' lock
    private int tokens;

    public double Seconds { get; private set; }

    /// <summary>Until the last request had reached a device.</summary>
    public double Arrival { get; private set; }
    public double TokensPerSecond => tokens / Seconds;

    /// <summary>From the workload's start to a request's first token.</summary>
    public double FirstPercentile(double share) => Of(firsts, share);

    public double MedianFirst => FirstPercentile(0.5);

    public double LastFirst => FirstPercentile(1);

    /// <summary>Between two deliveries of a request's tokens, over all requests.</summary>
    public double GapPercentile(double share) => Of(gaps, share);

    /// <summary>Straight into the device worker.</summary>
    public static Task<WorkloadRun> Bare(DeviceWorker worker, (int[] Prompt, int Output)[] requests, CancellationToken ct) => Run([worker], requests, (run, prompt, output) => run.Bare(worker, prompt, output, ct), ct);

    /// <summary>Through the grains of an in-process silo.</summary>
    public static Task<WorkloadRun> ThroughGrains(IGrainFactory grains, IReadOnlyList<DeviceWorker> workers, (int[] Prompt, int Output)[] requests, CancellationToken ct) => Run(workers, requests, (run, prompt, output) => run.ThroughGrains(grains, prompt, output, ct), ct);

    private static async Task<WorkloadRun> Run(IReadOnlyList<DeviceWorker> workers, (int[] Prompt, int Output)[] requests, Func<WorkloadRun, int[], int, Task> one, CancellationToken ct)
    {
        var watch = new ArrivalWatch(workers, requests.Length);
        var run = new WorkloadRun();
        var arrival = watch.Measure(ct);
        await Task.WhenAll(requests.Select(request => Task.Run(() => one(run, request.Prompt, request.Output))));
        run.Seconds = Stopwatch.GetElapsedTime(run.started).TotalSeconds;
        run.Arrival = await arrival;
        var expected = requests.Sum(request => request.Output);
        return run.tokens == expected ? run : throw new InvalidOperationException($"{run.tokens} tokens came instead of {expected}.");
    }

    private async Task Bare(DeviceWorker worker, int[] prompt, int output, CancellationToken ct)
    {
        var handoff = await worker.Prefill(new PromptRequest { Tokens = prompt, OutputStart = prompt.Length, MaxTokens = output, Sampling = SamplingParams.Greedy }, ct);
        using var reader = worker.Attach(handoff.Lease, 0);
        var clock = new DeliveryClock(started);
        while (await reader.WaitToReadAsync(ct))
        {
            var count = 0;
            while (reader.TryRead(out _)) count++;
            clock.Delivered(count);
        }
        Add(clock);
    }

    private async Task ThroughGrains(IGrainFactory grains, int[] prompt, int output, CancellationToken ct)
    {
        var request = new GenerateRequest { TokenIds = [.. prompt], Sampling = new SamplingOptions { Temperature = 0 }, Stop = new StopOptions { MaxTokens = output, IgnoreEos = true } };
        var clock = new DeliveryClock(started);
        await foreach (var chunk in grains.GetGrain<IRequestGrain>(Guid.NewGuid()).Generate(request, ct)) clock.Delivered(chunk.Ids.Length);
        Add(clock);
    }

    private void Add(DeliveryClock clock)
    {
        lock (gaps)
        {
            firsts.Add(clock.First);
            gaps.AddRange(clock.Gaps);
            tokens += clock.Tokens;
        }
    }

    private static double Of(List<double> values, double share) => values.Count == 0 ? 0 : Percentile.Of(values, share);

    /// <summary>One request's deliveries.</summary>
    private sealed class DeliveryClock(long started)
    {
        private long last;

        public double First { get; private set; }
        public List<double> Gaps { get; } = [];
        public int Tokens { get; private set; }

        public void Delivered(int tokens)
        {
            if (tokens == 0) return;
            var now = Stopwatch.GetTimestamp();
            if (Tokens == 0) First = Stopwatch.GetElapsedTime(started, now).TotalSeconds;
            else Gaps.Add(Stopwatch.GetElapsedTime(last, now).TotalSeconds);
            (last, Tokens) = (now, Tokens + tokens);
        }
    }
}
