using System.Collections.Immutable;

namespace Splitwiser.Gpu.Phases;

/// <summary>Counts of observations by size; guarded by the device's lock.</summary>
/// <param name="bounds">Upper bounds of the buckets, inclusive and rising; one more bucket takes what is above.</param>
internal sealed class Histogram(ImmutableArray<double> bounds)
{
    private readonly long[] counts = new long[bounds.Length + 1];
    private double sum;

    /// <summary>1, 2 and 5 of every decade from half a millisecond to 100 s.</summary>
    public static ImmutableArray<double> Seconds { get; } =
        [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];

    /// <summary>1, 2 and 5 of every decade from a microsecond to a second.</summary>
    public static ImmutableArray<double> Microseconds { get; } =
        [1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

    /// <summary>Powers of two up to 16,384.</summary>
    public static ImmutableArray<double> Tokens { get; } = [.. Enumerable.Range(0, 15).Select(power => (double)(1 << power))];

    public void Observe(double value)
    {
        var low = 0;
        var high = bounds.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (bounds[middle] < value) low = middle + 1;
            else high = middle;
        }

        counts[low]++;
        sum += value;
    }

    public HistogramSnapshot Snapshot() => new(bounds, [.. counts], sum);
}

/// <summary>Observations by size, since the device started.</summary>
/// <param name="Bounds">Upper bounds of the buckets, inclusive and rising.</param>
/// <param name="Counts">(Bounds + 1) observations of each bucket alone; the last one is above all bounds.</param>
/// <param name="Sum">Of all observations.</param>
public sealed record HistogramSnapshot(ImmutableArray<double> Bounds, ImmutableArray<long> Counts, double Sum)
{
    public long Count => Counts.Sum();
}
