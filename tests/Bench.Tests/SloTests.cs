using Splitwiser.Bench.Serve;

namespace Splitwiser.Bench.Tests;

public class SloTests
{
    private static readonly Slo Slo = new(FirstToken: 1, TokenGap: 0.025, Share: 0.99);

    [Fact]
    public void A_request_keeps_it_with_both_targets_and_all_its_tokens()
    {
        Slo.IsKeptBy(Outcome(1, [0.0249f, 0.01f])).ShouldBeTrue();
        Slo.IsKeptBy(Outcome(1.001, [0.01f])).ShouldBeFalse();
        Slo.IsKeptBy(Outcome(0.5, [0.01f, 0.026f])).ShouldBeFalse();
        Slo.IsKeptBy(Outcome(0.5, [0.01f], "the stream broke off")).ShouldBeFalse();
        Slo.IsKeptBy(Outcome(0.5, [])).ShouldBeTrue();
    }

    [Fact]
    public void One_slow_gap_in_a_hundred_is_no_miss() => Slo.IsKeptBy(Outcome(0.5, [.. Enumerable.Repeat(0.01f, 99), 0.9f])).ShouldBeTrue();

    [Theory]
    [InlineData(800, 792, true)]
    [InlineData(800, 791, false)]
    [InlineData(100, 99, true)]
    [InlineData(60, 60, true)]
    [InlineData(60, 59, false)]
    public void It_holds_when_enough_of_all_requests_keep_it(int requests, int kept, bool holds)
    {
        Slo.Holds(requests, kept).ShouldBe(holds);
        (requests - kept <= Slo.Allowed(requests)).ShouldBe(holds);
    }

    [Fact]
    public void A_trial_counts_those_that_failed_and_those_that_never_came_against_the_rate()
    {
        var load = new Load([.. Enumerable.Repeat(new LoadRequest(0, 8, 2), 100)], 0);
        RequestOutcome[] outcomes = [.. Enumerable.Repeat(Outcome(0.5, [0.01f]), 98), Outcome(double.PositiveInfinity, [], "429: full")];
        var result = TrialResult.Of(3, load, outcomes, Slo, seconds: 10, stoppedEarly: false);
        result.Within.ShouldBe(0.98);
        result.Holds.ShouldBeFalse();
        result.Failed.ShouldBe(1);
        result.FirstFailure.ShouldBe("429: full");
        result.FirstToken.P99.ShouldBe(500);
        result.TokenGap.P50.ShouldBe(10, 1e-3);
        TrialResult.Of(3, load, [.. Enumerable.Repeat(Outcome(0.5, [0.01f]), 100)], Slo, 10, stoppedEarly: true).Holds.ShouldBeFalse();
    }

    private static RequestOutcome Outcome(double firstToken, float[] gaps, string? failure = null) => new(8, gaps.Length + 1, 0, firstToken, 2, gaps, failure);
}
