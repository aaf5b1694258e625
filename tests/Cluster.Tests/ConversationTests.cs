using System.Collections.Immutable;
using Splitwiser.Gpu.Kv;
using Splitwiser.Grains;

namespace Splitwiser.Cluster.Tests;

/// <summary>64 conversations that begin with the same system prompt, on four devices: what following the cache is worth.</summary>
public sealed class ConversationTests(ITestOutputHelper output)
{
    private const int Conversations = 64;
    private const int Turns = 8;
    private const int SystemTokens = 1000;
    private const int UserTokens = 40;
    private const int AnswerTokens = 40;
    private const int AtOnce = 4;

    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    [Fact, Trait("Category", "Long")]
    public async Task Requests_follow_their_cached_prefixes_without_crowding_a_device()
    {
        var turns = await Run(RoutingRule.RoundRobin);
        var kvAware = await Run(RoutingRule.KvAware);
        foreach (var (rule, run) in new[] { ("round-robin", turns), ("kv-aware", kvAware) })
            output.WriteLine($"{rule}: {run.HitRate:P1} of what one infinite cache would hit, {run.MeanPrompt:0} prompt tokens computed before the first token, mean TTFT {run.MeanFirstToken.TotalMilliseconds:0} ms, busiest device {run.Busiest:0.00} of the mean");
        kvAware.HitRate.ShouldBeGreaterThan(0.85);
        (turns.MeanPrompt / kvAware.MeanPrompt).ShouldBeGreaterThan(2);
        kvAware.Busiest.ShouldBeLessThan(1.3);
    }

    private static async Task<Outcome> Run(RoutingRule rule)
    {
        await using var demo = await DemoCluster.Start(silos: 1, (DemoSilo.DeviceCount, "4"), (DemoSilo.PageCount, "1600"), (DemoSilo.Routing, $"{rule}"));
        var system = Tokens(new Random(1), SystemTokens);
        var talks = Enumerable.Range(0, Conversations).Select(i => new Conversation(system, i)).ToList();
        var order = new Random(2);
        for (var turn = 0; turn < Turns; turn++) // who has spoken thinks until the others have spoken
            await Parallel.ForEachAsync(talks.OrderBy(_ => order.Next()).ToList(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Ends }, async (talk, _) => await talk.Turn(demo));
        await demo.EveryPageIsBack();
        var answers = talks.SelectMany(talk => talk.Turns).ToList();
        var load = answers.GroupBy(turn => turn.Device).Select(device => (double)device.Sum(turn => turn.Prefilled + AnswerTokens)).ToList();
        return new(
            (double)answers.Sum(turn => turn.Cached) / answers.Sum(turn => turn.Cacheable),
            answers.Average(turn => turn.Prefilled),
            TimeSpan.FromSeconds(answers.Average(turn => turn.FirstToken.TotalSeconds)),
            load.Max() / (load.Sum() / 4));
    }

    private static ImmutableArray<int> Tokens(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(10, DemoSilo.Model.Config.VocabularySize))];

    private sealed class Conversation(ImmutableArray<int> system, int number)
    {
        private readonly Random random = new(100 + number);
        private ImmutableArray<int> said = system;
        private int computed = number == 0 ? 0 : SystemTokens; // what a cache of every token computed before anywhere would have

        public List<Turn> Turns { get; } = [];

        public async Task Turn(DemoCluster demo)
        {
            said = said.AddRange(Tokens(random, UserTokens));
            var heard = await DemoCluster.Hear(demo.Client, new() { TokenIds = said, Sampling = new() { Temperature = 0 }, Stop = new() { MaxTokens = AnswerTokens, IgnoreEos = true } });
            var cached = heard.Start!.CachedTokens;
            Turns.Add(new(heard.Start.Device, cached, computed / PageId.Size * PageId.Size, said.Length - cached, heard.End!.Timings.FirstToken));
            said = said.AddRange(heard.Ids);
            computed = said.Length - 1; // the last token was sampled, and never computed
        }
    }

    private sealed record Turn(string Device, int Cached, int Cacheable, int Prefilled, TimeSpan FirstToken);

    private sealed record Outcome(double HitRate, double MeanPrompt, TimeSpan MeanFirstToken, double Busiest);
}
