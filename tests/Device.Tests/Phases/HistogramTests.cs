using Splitwiser.Gpu.Phases;

namespace Splitwiser.Device.Tests.Phases;

public sealed class HistogramTests
{
    [Fact]
    public void An_observation_falls_into_the_first_bucket_that_holds_it()
    {
        var histogram = new Histogram([1, 10, 100]);
        foreach (var value in new double[] { 0, 1, 1.5, 10, 99, 100, 101 }) histogram.Observe(value);
        var snapshot = histogram.Snapshot();
        snapshot.Counts.ShouldBe([2, 2, 2, 1]);
        snapshot.Count.ShouldBe(7);
        snapshot.Sum.ShouldBe(312.5);
    }
}
