using Splitwiser.Client.CommandLine.Bench;

namespace Splitwiser.Client.Tests;

public sealed class BenchTests
{
    private static readonly BenchPlan Plan = new()
    {
        Requests = 50, Rate = null, Concurrency = null, InputTokens = 100, OutputTokens = 10, Spread = 0, SharedTokens = 0, Vocabulary = 1000, Seed = 7,
        WarmUps = 0, Temperature = null, Model = null, UntilEos = false, Goodput = null,
    };

    [Fact]
    public void The_same_seed_draws_the_same_prompts()
    {
        var plan = Plan with { Spread = 0.5, SharedTokens = 20 };
        var (once, again) = (BenchPrompts.Random(plan, 50), BenchPrompts.Random(plan, 50));
        once.Select(prompt => string.Join(' ', prompt.TokenIds)).ShouldBe(again.Select(prompt => string.Join(' ', prompt.TokenIds)));
        once[0].TokenIds.ShouldNotBe(BenchPrompts.Random(plan with { Seed = 8 }, 1)[0].TokenIds);
        once.ShouldAllBe(prompt => prompt.TokenIds.Take(20).SequenceEqual(once[0].TokenIds.Take(20)));
        once.ShouldAllBe(prompt => prompt.TokenIds.Length >= 70 && prompt.TokenIds.Length <= 170 && prompt.OutputTokens >= 5 && prompt.OutputTokens <= 15);
        once.Select(prompt => prompt.TokenIds.Length).Distinct().Count().ShouldBeGreaterThan(10);
        once.ShouldAllBe(prompt => prompt.TokenIds.All(id => id >= BenchPrompts.FirstId && id < 1000));
    }

    [Fact]
    public void Without_a_spread_every_length_is_as_asked() =>
        BenchPrompts.Random(Plan, 10).ShouldAllBe(prompt => prompt.TokenIds.Length == 100 && prompt.OutputTokens == 10);

    [Fact]
    public void Lines_of_a_file_are_taken_in_turn_and_again()
    {
        var prompts = BenchPrompts.Of(["plain", " ", """{"prompt": "said", "max_tokens": 3}""", """{"prompt": [1, 2]}"""], Plan, 5);
        prompts.Select(prompt => (prompt.Text, prompt.OutputTokens)).ShouldBe([("plain", 10), ("said", 3), (null, 10), ("plain", 10), ("said", 3)]);
        prompts[2].TokenIds.ShouldBe([1, 2]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"prompt": 5}""")]
    [InlineData("""{"prompt": ["x"]}""")]
    [InlineData("""{"prompt": "x", "max_tokens": 1.5}""")]
    public void Lines_that_are_no_prompts_are_refused(string line) => Should.Throw<BadPromptFileException>(() => BenchPrompts.Of([line], Plan, 1));

    [Fact]
    public void Requests_come_at_the_rate_and_at_random()
    {
        Arrivals.At(null, 5, 1).ShouldAllBe(at => at == TimeSpan.Zero);
        var times = Arrivals.At(20, 4001, 1).ToList();
        times[0].ShouldBe(TimeSpan.Zero);
        times.ShouldBeInOrder();
        (4000 / times[^1].TotalSeconds).ShouldBeInRange(19, 21); // of so many waits the mean's deviation is 1.6 %
        var waits = times.Zip(times.Skip(1), (from, to) => (to - from).TotalSeconds).ToList();
        waits.Count(wait => wait > 0.05).ShouldBeInRange(1350, 1600); // a share of 1/e is longer than the mean
        Arrivals.At(20, 10, 1).ShouldBe(times.Take(10));
    }

    [Fact]
    public void Percentiles_lie_between_two_values_by_their_distance()
    {
        var spread = Spread.Of(Enumerable.Range(1, 5).Select(value => TimeSpan.FromMilliseconds(6 - value)))!;
        new[] { spread.Mean, spread.Median, spread.P90, spread.P99, spread.Max }.ShouldBe([3, 3, 4.6, 4.96, 5], 1e-9);
        spread.Deviation.ShouldBe(Math.Sqrt(2), 1e-9);
        Spread.Of([]).ShouldBeNull();
    }

    [Fact]
    public void A_request_is_good_within_every_limit()
    {
        Goodput.TryRead(["ttft:200", "tpot:50", "e2e:1000"], out var limits).ShouldBeTrue();
        var answer = new BenchAnswer { OutputTokens = 11, FirstToken = TimeSpan.FromMilliseconds(200), Total = TimeSpan.FromMilliseconds(700) };
        answer.PerToken.ShouldBe(TimeSpan.FromMilliseconds(50));
        limits!.Holds(answer).ShouldBeTrue();
        limits.Holds(answer with { FirstToken = TimeSpan.FromMilliseconds(201) }).ShouldBeFalse();
        limits.Holds(answer with { Total = TimeSpan.FromMilliseconds(711) }).ShouldBeFalse();
        limits.Holds(answer with { Failure = "http 429" }).ShouldBeFalse();
        (limits with { Tpot = null }).Holds(answer with { Total = TimeSpan.FromMilliseconds(1001) }).ShouldBeFalse();
        Goodput.TryRead([], out limits).ShouldBeTrue();
        limits.ShouldBeNull();
        foreach (var wrong in new[] { "ttft", "ttft:", "ttft:x", "rest:5", "ttft:-5" })
            Goodput.TryRead([wrong], out _).ShouldBeFalse(wrong);
    }

    [Fact]
    public void Throughput_counts_answered_requests_and_failures_go_by_reason()
    {
        var answer = new BenchAnswer { InputTokens = 100, CachedTokens = 32, OutputTokens = 10, FirstToken = TimeSpan.FromMilliseconds(100), Total = TimeSpan.FromMilliseconds(190) };
        var full = new BenchAnswer { Failure = "http 429", FailureMessage = "full" };
        var result = new BenchResult(Plan, [answer, full, answer, full, new() { Failure = "connection", FailureMessage = "gone" }], TimeSpan.FromSeconds(2), 5);
        (result.Completed, result.InputTokens, result.CachedTokens, result.OutputTokens).ShouldBe((2, 200L, 64L, 20L));
        (result.RequestsPerSecond, result.OutputPerSecond, result.TokensPerSecond).ShouldBe((1.0, 10.0, 110.0));
        result.Failures.ShouldBe([("http 429", 2, "full"), ("connection", 1, "gone")]);
        result.Latencies.First(latency => latency.Key == "tpot").Times!.Mean.ShouldBe(10, 1e-9);
        result.Latencies.First(latency => latency.Key == "itl").Times.ShouldBeNull();
    }
}
