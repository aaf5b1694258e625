using Splitwiser.Gpu.Phases;

namespace Splitwiser.Bench.Tests;

public class HistogramBucketTests
{
    private static readonly HistogramSnapshot Early = new([1, 2, 5], [1, 0, 0, 0], 1), Late = new([1, 2, 5], [91, 9, 0, 1], 200);

    [Fact]
    public void A_percentile_is_the_bound_of_its_bucket()
    {
        var between = HistogramBucket.Difference(Late, Early);
        between.Counts.ShouldBe([90, 9, 0, 1]);
        HistogramBucket.UpperBound(between, 0.9).ShouldBe(1);
        HistogramBucket.UpperBound(between, 0.99).ShouldBe(2);
        HistogramBucket.UpperBound(between, 1).ShouldBe(double.PositiveInfinity);
    }

    [Fact]
    public void There_is_none_without_observations() => Should.Throw<ArgumentException>(() => HistogramBucket.UpperBound(new([1], [0, 0], 0), 0.5));
}
