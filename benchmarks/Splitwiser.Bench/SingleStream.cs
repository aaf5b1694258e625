using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Bench;

/// <summary>One stream on random weights: prefill and decode rates, and the share of the read rate that decode reaches.</summary>
internal static class SingleStream
{
    public static async Task<IReadOnlyList<Figure>> Measure(string shape, int threads, int promptTokens, int outputTokens, int runs, CancellationToken ct)
    {
        var folder = ModelFolder.Open(shape);
        AnsiConsole.MarkupLineInterpolated($"Random weights of {shape} ...");
        using var weights = folder.RandomWeights(seed: 1);
        var pages = PageId.CountFor(promptTokens + outputTokens + Gpu.Sequence.Lookahead) + 1;
        using var runner = new CpuRunner(weights, new CpuRunnerOptions { Threads = threads, PageCount = pages, MaxRows = 1, MaxTokens = 256, MaxSequences = 1 });
        var options = new DeviceOptions { Mode = PhaseMode.Serial, MaxModelLength = promptTokens + outputTokens, MaxSequences = 1, MaxBatchedTokens = 256, PrefillSlice = 256, QueueLimit = 1, PrefixCaching = false };
        await using var worker = new DeviceWorker(runner, options, TimeProvider.System, NullLogger<DeviceWorker>.Instance);

        var readRates = new List<double>();
        var prefill = new List<double>();
        var decode = new List<double>();
        for (var run = 0; run < runs; run++)
        {
            readRates.Add(ReadRate.Measure(threads, 3));   // beside every run: the machine's rate drifts
            var (prefillRate, decodeRate) = await OneRequest(worker, run, promptTokens, outputTokens, folder.Config.VocabularySize, ct);
            prefill.Add(prefillRate);
            decode.Add(decodeRate);
            AnsiConsole.MarkupLineInterpolated($"run {run + 1} of {runs}: prefill {prefillRate:0.0} tok/s, decode {decodeRate:0.00} tok/s, read {readRates[^1] / 1e9:0.0} GB/s");
        }

        var bytes = BytesPerToken(weights);
        return
        [
            new("read rate", Median.Of(readRates) / 1e9, "GB/s"),
            new("weight bytes per token", bytes / 1e9, "GB"),
            new("prefill", Median.Of(prefill), "tok/s"),
            new("decode, one stream", Median.Of(decode), "tok/s"),
            new("decode, share of the read rate", Median.Of(decode.Zip(readRates, (rate, limit) => rate * bytes / limit)) * 100, "%"),
        ];
    }

    private static async Task<(double Prefill, double Decode)> OneRequest(DeviceWorker worker, int run, int promptTokens, int outputTokens, int vocabulary, CancellationToken ct)
    {
        var random = new Random(run);
        var tokens = Enumerable.Range(0, promptTokens).Select(_ => random.Next(vocabulary)).ToArray();
        var started = Stopwatch.GetTimestamp();
        var handoff = await worker.Prefill(new PromptRequest { Tokens = tokens, OutputStart = promptTokens, MaxTokens = outputTokens, Sampling = SamplingParams.Greedy }, ct);
        var prefilled = Stopwatch.GetTimestamp();
        using var reader = worker.Attach(handoff.Lease, 0);
        var read = 0;
        while (await reader.WaitToReadAsync(ct))
            while (reader.TryRead(out _)) read++;
        var decodeTime = Stopwatch.GetElapsedTime(prefilled);
        return (promptTokens / Stopwatch.GetElapsedTime(started, prefilled).TotalSeconds, (read - 1) / decodeTime.TotalSeconds);
    }

    /// <summary>Every weight is read once a token, but of the embedding only a row, unless the head shares its matrix.</summary>
    private static double BytesPerToken(DecoderWeights weights)
    {
        static double Of(Linear linear) => linear.Weight.ByteCount + (linear.Bias?.ByteCount ?? 0);
        return weights.Head.ByteCount + weights.Layers.Sum(layer =>
            Of(layer.Query) + Of(layer.Key) + Of(layer.Value) + Of(layer.Output) + (layer.Gate is { } gate ? Of(gate) : 0) + Of(layer.Up) + Of(layer.Down));
    }
}
