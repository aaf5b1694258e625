using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Bench;

/// <summary>The device worker on the CUDA runner, without grains: one stream, and bursts of many requests at once.</summary>
internal static class KernelEngine
{
    public static async Task<List<KernelFigure>> Measure(CudaRunner runner, PhaseMode mode, int samples, CancellationToken ct)
    {
        var figures = new List<KernelFigure>();
        var options = new DeviceOptions { Mode = mode, MaxModelLength = 4096, MaxSequences = 256, MaxBatchedTokens = 8192, QueueLimit = 1024, PrefixCaching = false, ConsumerIdleTimeout = TimeSpan.FromMinutes(5), HandoffTimeout = TimeSpan.FromMinutes(5) };
        await using var worker = new DeviceWorker(runner, options, TimeProvider.System, NullLogger<DeviceWorker>.Instance);
        await Burst(worker, 4, 100, 100, 32, ct);     // warm
        var one = new List<double>();
        for (var i = 0; i < samples; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await Burst(worker, 1, 128, 128, 256, ct);
            one.Add(Stopwatch.GetElapsedTime(started).TotalSeconds / 256);
        }
        figures.Add(new KernelFigure($"{mode}: one stream, 128 in, 256 out", Median.Of(one) * 1e3, "ms/token", 1 / Median.Of(one), "tokens/s"));
        foreach (var run in new[] { 1, 2 })
        {
            var started = Stopwatch.GetTimestamp();
            var tokens = await Burst(worker, 256, 128, 896, 128, ct);
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            figures.Add(new KernelFigure($"{mode}: burst, 256 x 128..896 in, 128 out, run {run}", seconds, "s", tokens / seconds, "output tokens/s"));
        }
        return figures;
    }

    /// <returns>Output tokens.</returns>
    private static async Task<int> Burst(DeviceWorker worker, int requests, int fewest, int most, int output, CancellationToken ct)
    {
        var random = new Random(1);
        var vocabulary = worker.Runner.Model.VocabularySize;
        var prompts = Enumerable.Range(0, requests).Select(_ => Enumerable.Range(0, random.Next(fewest, most + 1)).Select(_ => random.Next(vocabulary)).ToArray()).ToArray();
        var counts = await Task.WhenAll(prompts.Select(async prompt =>
        {
            var handoff = await worker.Prefill(new PromptRequest { Tokens = prompt, OutputStart = prompt.Length, MaxTokens = output, Sampling = SamplingParams.Greedy }, ct);
            using var reader = worker.Attach(handoff.Lease, 0);
            var count = 0;
            while (await reader.WaitToReadAsync(ct))
                while (reader.TryRead(out _)) count++;
            return count;
        }));
        return counts.Sum();
    }
}
