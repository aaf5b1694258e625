namespace Splitwiser.Bench.Tests;

public class PercentileTests
{
    [Theory]
    [InlineData(0.0, 1)]
    [InlineData(0.2, 1)]
    [InlineData(0.21, 2)]
    [InlineData(0.5, 3)]
    [InlineData(0.99, 5)]
    [InlineData(1.0, 5)]
    public void A_percentile_is_the_nearest_value_that_was_measured(double share, double expected) =>
        Percentile.Of([5, 3, 1, 4, 2], share).ShouldBe(expected);

    [Fact]
    public void The_99th_of_a_hundred_is_the_last_but_one() => Percentile.Of(Enumerable.Range(1, 100).Select(i => (double)i), 0.99).ShouldBe(99);

    [Fact]
    public void There_is_none_of_nothing_and_no_share_beyond_one()
    {
        Should.Throw<ArgumentException>(() => Percentile.Of([], 0.5));
        Should.Throw<ArgumentOutOfRangeException>(() => Percentile.Of([1], 1.01));
        Should.Throw<ArgumentOutOfRangeException>(() => Percentile.Of([1], double.NaN));
    }
}
