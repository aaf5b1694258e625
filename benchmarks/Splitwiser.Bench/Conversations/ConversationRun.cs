using System.Collections.Immutable;
using Splitwiser.Bench.Devices;
using Splitwiser.Gpu.Kv;
using Splitwiser.Grains;

namespace Splitwiser.Bench.Conversations;

/// <summary>All conversations once, by one rule, on a silo of their own with empty caches.</summary>
internal sealed class ConversationRun(FleetOfRunners fleet, ConversationShape shape, IGrainFactory grains)
{
    public static async Task<ConversationOutcome> Measure(FleetOfRunners fleet, ConversationShape shape, RoutingRule rule, CancellationToken ct)
    {
        await using var silo = await FleetSilo.Start(fleet, fleet.Count, rule, ct);
        return await new ConversationRun(fleet, shape, silo.Grains).Everybody(ct);
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
