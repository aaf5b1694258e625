using System.Numerics;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// Seconds per prompt token of a step of prompts that has the device for itself, by the step's size: small steps read the weights for few.
/// Or of what prompts add to a mixed step, where few hide behind the weights that decode reads anyway.
/// One figure for each power of two. A size that was never run is thought as good as it could be by its neighbours, so that it is tried:
/// a smaller one as good for each token as the next larger, a larger one as if some of the next smaller's time were the same for any size.
/// </summary>
/// <param name="constantShare">Of a small step's time, at most.</param>
internal sealed class PrefillTime(double constantShare)
{
    private const int Sizes = 32;
    private const int Large = 1024;

    private readonly FadingRatio[] tokens = new FadingRatio[Sizes];

    public bool IsKnown { get; private set; }

    /// <param name="work">In positions that have few before them.</param>
    public void Observe(int positions, double work, double seconds, long now)
    {
        ref var size = ref tokens[Size(positions)];
        size = size.With(seconds, work, now);
        IsKnown = true;
    }

    /// <summary>Of a step that is large, or as large as any was.</summary>
    public double? Token => TokenOf(Math.Max(Large, Next(Sizes, -1) is >= 0 and var largest ? 1 << largest : 0));

    /// <summary>Null before the first step was seen.</summary>
    public double? TokenOf(int positions)
    {
        if (!IsKnown) return null;
        var size = Size(positions);
        if (tokens[size].Value is { } known) return known;
        var (above, below) = (Next(size, 1), Next(size, -1));
        var fromAbove = above < 0 ? double.PositiveInfinity : tokens[above].Value!.Value;
        var fromBelow = below < 0 ? double.PositiveInfinity : tokens[below].Value!.Value * (1 - constantShare + constantShare / (1 << (size - below)));
        return Math.Min(fromAbove, fromBelow);
    }

    /// <summary>What it has learned, to be kept.</summary>
    public FadingRatio[] Record() => [.. tokens];

    /// <summary>Goes on from there; a record of another form is ignored.</summary>
    public void Restore(FadingRatio[] record)
    {
        if (record.Length != Sizes) return;
        for (var i = 0; i < Sizes; i++) tokens[i] = record[i] with { LastSample = 0 };
        IsKnown = tokens.Any(size => size.Value is not null);
    }

    /// <summary>Up to 1, 2, 4, 8 ... positions.</summary>
    private static int Size(int positions) => positions <= 1 ? 0 : BitOperations.Log2((uint)positions - 1) + 1;

    private int Next(int size, int step)
    {
        for (size += step; size is >= 0 and < Sizes; size += step)
            if (tokens[size].Value is not null) return size;
        return -1;
    }
}
