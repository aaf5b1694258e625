using Splitwiser.Gpu.Phases;

namespace Splitwiser.Bench;

/// <summary>Percentiles of a device's histogram: all that is known is the bucket.</summary>
internal static class HistogramBucket
{
    /// <summary>The upper bound of the bucket that the percentile lies in; infinite above all bounds.</summary>
    public static double UpperBound(HistogramSnapshot histogram, double share)
    {
        if (histogram.Count == 0) throw new ArgumentException("There is no percentile of nothing.", nameof(histogram));
        var rank = Math.Max(1, (long)Math.Ceiling(share * histogram.Count));
        for (var i = 0; i < histogram.Bounds.Length; i++)
            if ((rank -= histogram.Counts[i]) <= 0) return histogram.Bounds[i];
        return double.PositiveInfinity;
    }

    /// <summary>What was observed between two snapshots of one histogram.</summary>
    public static HistogramSnapshot Difference(HistogramSnapshot after, HistogramSnapshot before) =>
        new(after.Bounds, [.. after.Counts.Zip(before.Counts, (late, early) => late - early)], after.Sum - before.Sum);
}
