namespace Splitwiser.Client.CommandLine.Bench;

/// <summary>How a quantity is distributed, in milliseconds.</summary>
internal sealed record Spread(double Mean, double Deviation, double Median, double P90, double P99, double Max)
{
    /// <summary>Null of nothing.</summary>
    public static Spread? Of(IEnumerable<TimeSpan> spans)
    {
        var sorted = spans.Select(span => span.TotalMilliseconds).Order().ToArray();
        if (sorted.Length == 0)
            return null;
        var mean = sorted.Average();
        return new(mean, Math.Sqrt(sorted.Average(value => (value - mean) * (value - mean))), At(sorted, 0.5), At(sorted, 0.9), At(sorted, 0.99), sorted[^1]);
    }

    /// <summary>Between two values by their distance, as numpy's percentile.</summary>
    private static double At(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((sorted[above] - sorted[below]) * (place - below));
    }
}
