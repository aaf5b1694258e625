using Splitwiser.Bench.Paper;

namespace Splitwiser.Bench.Tests;

public class OverlapLimitTests
{
    private static readonly PhaseWork Prefill = new(10, Seconds: 3, Operations: 3e12, Bytes: 2e9), Decode = new(100, Seconds: 4, Operations: 0.5e12, Bytes: 8e9);

    [Fact]
    public void The_shorter_phase_is_hidden_behind_the_longer() => OverlapLimit.Of(Prefill, Decode).Seconds.ShouldBe(4);

    [Fact]
    public void Phases_that_share_a_bound_take_longer()
    {
        OverlapLimit.Of(Prefill, Decode).SharedSeconds.ShouldBe(5);     // 4 s of decode, and 2 GB of prefill at 2 GB/s
        OverlapLimit.Of(Prefill with { Seconds = 5, Operations = 5e12, Bytes = 0 }, Decode).SharedSeconds.ShouldBe(5.5);     // 5 s of prefill, and half a second's worth of operations
    }

    [Theory]
    [InlineData(7, 0)]      // as slow as turns
    [InlineData(4, 1)]      // at the limit
    [InlineData(5.6, 1 / 3.0)]
    public void A_run_has_a_part_of_the_limits_gain(double seconds, double share) => OverlapLimit.ShareOfGain(turns: 7, seconds, limit: 4).ShouldBe(share, 1e-9);

    [Fact]
    public void A_phase_without_steps_has_no_limit() => Should.Throw<ArgumentException>(() => OverlapLimit.Of(Prefill, new PhaseWork(0, 0, 0, 0)));
}
