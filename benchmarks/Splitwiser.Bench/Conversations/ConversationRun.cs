using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Grains;

namespace Splitwiser.Bench.Conversations;

/// <summary>All conversations once, by one rule, on a silo of their own with empty caches.</summary>
internal sealed class ConversationRun(FleetOfRunners fleet, ConversationShape shape, IGrainFactory grains)
{
    public static async Task<ConversationOutcome> Measure(FleetOfRunners fleet, ConversationShape shape, RoutingRule rule, CancellationToken ct)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(FreePort(), FreePort())
            .AddSplitwiserGrains(_ => new DeviceSet(fleet.Model, fleet.Count, Open), new GrainOptions { Routing = rule }));
        using var host = builder.Build();
        await host.StartAsync(ct);
        var outcome = await new ConversationRun(fleet, shape, host.Services.GetRequiredService<IGrainFactory>()).Everybody(ct);
        await host.StopAsync(ct);
        return outcome;

        DeviceWorker Open(int index) => new(
            fleet.Lend(index), new DeviceOptions { MaxModelLength = fleet.Model.MaxModelLength, MaxSequences = 64, MaxBatchedTokens = 8192 },
            TimeProvider.System, NullLogger<DeviceWorker>.Instance);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<ConversationOutcome> Everybody(CancellationToken ct)
    {
        var system = Tokens(new Random(1), shape.SystemTokens);
        var talks = Enumerable.Range(0, shape.Count).Select(number => new Talk(this, system, number)).ToList();
        var order = new Random(2);
        for (var turn = 0; turn < shape.Turns; turn++) // who has spoken thinks until the others have spoken
            await Parallel.ForEachAsync(talks.OrderBy(_ => order.Next()).ToList(), new ParallelOptions { MaxDegreeOfParallelism = shape.AtOnce, CancellationToken = ct }, async (talk, token) => await talk.Turn(token));
        return ConversationOutcome.Of([.. talks.SelectMany(talk => talk.Turns)], fleet.Count);
    }

    private int UserTokens => shape.UserTokens;

    private ImmutableArray<int> Tokens(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(10, fleet.Model.Config.VocabularySize))];

    private async Task<(GenerationStart Start, GenerationEnd End, ImmutableArray<int> Ids)> Answer(ImmutableArray<int> said, CancellationToken ct)
    {
        var request = new GenerateRequest { TokenIds = said, Sampling = new() { Temperature = 0 }, Stop = new() { MaxTokens = shape.AnswerTokens, IgnoreEos = true } };
        List<TokenChunk> chunks = [];
        await foreach (var chunk in grains.GetGrain<IRequestGrain>(Guid.NewGuid()).Generate(request, ct)) chunks.Add(chunk);
        return (chunks[0].Start!, chunks[^1].End!, [.. chunks.SelectMany(chunk => chunk.Ids)]);
    }

    private sealed class Talk(ConversationRun run, ImmutableArray<int> system, int number)
    {
        private readonly Random random = new(100 + number);
        private ImmutableArray<int> said = system;
        private int computed = number == 0 ? 0 : system.Length; // what a cache of every token computed before anywhere would have

        public List<ConversationTurn> Turns { get; } = [];

        public async Task Turn(CancellationToken ct)
        {
            said = said.AddRange(run.Tokens(random, run.UserTokens));
            var (start, end, ids) = await run.Answer(said, ct);
            Turns.Add(new(start.Device, start.CachedTokens, computed / PageId.Size * PageId.Size, said.Length - start.CachedTokens + ids.Length, end.Timings));
            said = said.AddRange(ids);
            computed = said.Length - 1; // the last token was sampled, and never computed
        }
    }
}
