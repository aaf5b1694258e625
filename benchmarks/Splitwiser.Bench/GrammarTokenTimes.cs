using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;
using Splitwiser.Models.Grammar;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Bench;

/// <summary>The time between tokens on the CPU runner: free sequences, constrained ones with new and with known masks, and free ones beside constrained ones.</summary>
internal static class GrammarTokenTimes
{
    private const int Streams = 4, MaxTokens = 400;

    public static async Task<IReadOnlyList<Figure>> Measure(string model, int runs, CancellationToken ct)
    {
        var folder = ModelFolder.Open(model);
        using var weights = folder.LoadWeights(null, ct);
        using var runner = new CpuRunner(weights, new CpuRunnerOptions { Threads = Environment.ProcessorCount, PageCount = 256, MaxRows = 16, MaxTokens = 256, MaxSequences = 16 });
        var options = new DeviceOptions { MaxModelLength = 1024, MaxSequences = 16, MaxBatchedTokens = 256, PrefixCaching = false };
        var (free, first, again, freeBeside, constrainedBeside) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var run = 0; run <= runs; run++)
        {
            var grammars = new Grammars(folder.Tokenizer!, folder.Config.VocabularySize);       // nothing is known yet
            await using var worker = new DeviceWorker(runner, options, TimeProvider.System, NullLogger<DeviceWorker>.Instance, grammars);
            double[] times =
            [
                await Gap(1, constrained: false), await Gap(1, constrained: true), await Gap(1, constrained: true),
            ];
            var together = await Task.WhenAll(Gap(Streams, constrained: false), Gap(Streams, constrained: true));
            if (run == 0) continue;
            free.Add(times[0]);
            first.Add(times[1]);
            again.Add(times[2]);
            freeBeside.Add(together[0]);
            constrainedBeside.Add(together[1]);

            async Task<double> Gap(int count, bool constrained) => (await Task.WhenAll(Enumerable.Range(0, count).Select(seed => One(worker, folder, seed, constrained, ct)))).Average();
        }
        return
        [
            new("between tokens, free", Median.Of(free), "ms"),
            new("between tokens, constrained, masks new", Median.Of(first), "ms"),
            new("between tokens, constrained, masks known", Median.Of(again), "ms"),
            new($"between tokens, {Streams} free beside {Streams} constrained", Median.Of(freeBeside), "ms"),
            new($"between tokens, {Streams} constrained beside {Streams} free", Median.Of(constrainedBeside), "ms"),
        ];
    }

    /// <summary>The mean time between tokens of one sequence, in milliseconds.</summary>
    private static async Task<double> One(DeviceWorker worker, ModelFolder folder, int seed, bool constrained, CancellationToken ct)
    {
        var prompt = folder.Tokenizer!.Encode("And it came to pass, that");
        var handoff = await worker.Prefill(new PromptRequest
        {
            Tokens = prompt,
            OutputStart = prompt.Length,
            MaxTokens = constrained ? MaxTokens : MaxTokens / 4,
            Sampling = new SamplingParams { Seed = (ulong)seed, EndTokenIds = constrained ? folder.Defaults.EosTokenIds : [] },
            Constraint = constrained ? new Constraint { Kind = ConstraintKind.JsonSchema, Source = MaskTimes.Schema } : null,
        }, ct);
        using var reader = worker.Attach(handoff.Lease, 0);
        var started = Stopwatch.GetTimestamp();
        var count = 0;
        while (await reader.WaitToReadAsync(ct))
            while (reader.TryRead(out _)) count++;
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds / Math.Max(1, count - 1);
    }
}
