using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Grains;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Bench;

/// <summary>The same streams through the grains of an in-process silo and straight into the device worker: what the actor layer costs.</summary>
internal sealed class ActorCost(ModelFolder folder, DeviceWorker worker, IGrainFactory grains, int streams)
{
    private const int PromptTokens = 32;
    private const int OutputTokens = 512;
    private const int WarmUps = 3; // the compiler of .NET does its last work on code that runs often

    public static async Task<IReadOnlyList<Figure>> Measure(string model, int threads, int streams, int runs, CancellationToken ct)
    {
        var folder = ModelFolder.Open(model);
        using var weights = folder.LoadWeights(ct: ct);
        var pages = streams * PageId.CountFor(PromptTokens + OutputTokens + Gpu.Sequence.Lookahead) + 1;
        DeviceWorker Open(int device) => new(
            new CpuRunner(weights, new CpuRunnerOptions { Threads = threads, PageCount = pages, MaxRows = streams, MaxTokens = 512, MaxSequences = streams }),
            new DeviceOptions { Mode = PhaseMode.Serial, MaxModelLength = folder.Config.MaxPositions, MaxSequences = streams, MaxBatchedTokens = 512, QueueLimit = streams, PrefixCaching = false },
            TimeProvider.System, NullLogger<DeviceWorker>.Instance);

        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo => silo.UseLocalhostClustering().AddSplitwiserGrains(_ => new DeviceSet(ServedModel.From(folder), 1, Open)));
        using var host = builder.Build();
        await host.StartAsync(ct);
        var worker = host.Services.GetRequiredService<LocalDevices>()[0];
        var figures = await new ActorCost(folder, worker, host.Services.GetRequiredService<IGrainFactory>(), streams).Compare(runs, ct);
        await host.StopAsync(ct);
        return figures;
    }

    /// <summary>Bare and through grains in turn, on the same worker, so that the machine's drift meets both.</summary>
    private async Task<IReadOnlyList<Figure>> Compare(int runs, CancellationToken ct)
    {
        for (var round = 0; round < WarmUps; round++)
        {
            await Rate(Bare, ct);
            await Rate(ThroughGrains, ct);
        }

        var (bare, throughGrains) = (new List<double>(), new List<double>());
        var (bytesBare, bytesThroughGrains) = (new List<double>(), new List<double>());
        for (var run = 0; run < runs; run++)
        {
            Add(await Rate(Bare, ct), bare, bytesBare);
            Add(await Rate(ThroughGrains, ct), throughGrains, bytesThroughGrains);
            AnsiConsole.MarkupLineInterpolated($"run {run + 1} of {runs}: bare worker {bare[^1]:0} tok/s, through grains {throughGrains[^1]:0} tok/s");
        }
        return
        [
            new($"bare worker, {streams} streams", Median.Of(bare), "tok/s"),
            new($"through grains, {streams} streams", Median.Of(throughGrains), "tok/s"),
            new("cost of the actor layer, median of pairs", Median.Of(bare.Zip(throughGrains, (b, g) => (b / g - 1) * 100)), "%"),
            new("allocated by the bare worker", Median.Of(bytesBare), "bytes/token"),
            new("allocated through grains", Median.Of(bytesThroughGrains), "bytes/token"),
        ];

        static void Add((double Rate, double Bytes) measured, List<double> rates, List<double> bytes)
        {
            rates.Add(measured.Rate);
            bytes.Add(measured.Bytes);
        }
    }

    /// <summary>Tokens a second, and bytes allocated for each.</summary>
    private async Task<(double Rate, double Bytes)> Rate(Func<int[], CancellationToken, Task<int>> stream, CancellationToken ct)
    {
        var (started, allocated) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes());
        var streamed = await Task.WhenAll(Enumerable.Range(0, streams).Select(index => Task.Run(() => stream(Prompt(index), ct), ct)));
        var tokens = streamed.Sum();
        return (tokens / Stopwatch.GetElapsedTime(started).TotalSeconds, (GC.GetTotalAllocatedBytes() - allocated) / (double)tokens);
    }

    private int[] Prompt(int index)
    {
        var random = new Random(index);
        return [.. Enumerable.Range(0, PromptTokens).Select(_ => random.Next(folder.Config.VocabularySize))];
    }

    private async Task<int> Bare(int[] prompt, CancellationToken ct)
    {
        var handoff = await worker.Prefill(new PromptRequest { Tokens = prompt, OutputStart = prompt.Length, MaxTokens = OutputTokens, Sampling = SamplingParams.Greedy }, ct);
        using var reader = worker.Attach(handoff.Lease, 0);
        var count = 0;
        while (await reader.WaitToReadAsync(ct))
            while (reader.TryRead(out _)) count++;
        return count;
    }

    private async Task<int> ThroughGrains(int[] prompt, CancellationToken ct)
    {
        var request = new GenerateRequest
        {
            TokenIds = [.. prompt],
            Sampling = new SamplingOptions { Temperature = 0 },
            Stop = new StopOptions { MaxTokens = OutputTokens, IgnoreEos = true },
        };
        var count = 0;
        await foreach (var chunk in grains.GetGrain<IRequestGrain>(Guid.NewGuid()).Generate(request, ct)) count += chunk.Ids.Length;
        return count;
    }
}
