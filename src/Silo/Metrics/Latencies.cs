namespace Splitwiser.Silo.Metrics;

/// <summary>A histogram, of seconds or tokens, filled by many threads without a lock.</summary>
/// <param name="bounds">Upper bounds of the buckets, ascending; one more bucket takes the rest.</param>
internal sealed class Latencies(IReadOnlyList<double> bounds)
{
    private readonly double[] bounds = [.. bounds];
    private readonly long[] counts = new long[bounds.Count + 1]; // (bounds + 1)
    private double sum;

    public void Record(double value)
    {
        var bucket = Array.BinarySearch(bounds, value);
        Interlocked.Increment(ref counts[bucket < 0 ? ~bucket : bucket]);
        double before, seen = Volatile.Read(ref sum);
        do
            before = seen;
        while ((seen = Interlocked.CompareExchange(ref sum, before + value, before)) != before);
    }

    /// <summary>Each bound with the values up to it, infinity last; and the sum of all values.</summary>
    public (IReadOnlyList<(double Bound, long Count)> Cumulative, double Sum) Read()
    {
        var total = 0L;
        return ([.. counts.Select((_, i) => (i < bounds.Length ? bounds[i] : double.PositiveInfinity, total += Volatile.Read(ref counts[i])))], Volatile.Read(ref sum));
    }
}
