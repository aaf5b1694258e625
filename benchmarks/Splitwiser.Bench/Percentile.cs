namespace Splitwiser.Bench;

/// <summary>Percentiles by nearest rank: always a value that was measured.</summary>
internal static class Percentile
{
    /// <param name="values">At least one, in any order.</param>
    /// <param name="share">0 for the least to 1 for the greatest.</param>
    public static double Of(IEnumerable<double> values, double share)
    {
        var sorted = values.ToArray();
        Array.Sort(sorted);
        return OfSorted(sorted, share);
    }

    /// <param name="sorted">At least one, rising.</param>
    /// <param name="share">0 for the least to 1 for the greatest.</param>
    public static double OfSorted(ReadOnlySpan<double> sorted, double share)
    {
        if (sorted.IsEmpty) throw new ArgumentException("There is no percentile of nothing.", nameof(sorted));
        if (share is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "A share, 0 to 1.");
        return sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}
