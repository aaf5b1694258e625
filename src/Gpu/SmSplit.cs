using System.Collections.Immutable;

namespace Splitwiser.Gpu;

/// <summary>How many of a device's multiprocessors each phase has for itself.</summary>
public readonly record struct SmSplit(int Decode, int Prefill)
{
    /// <summary>Multiprocessors come in groups of this many: then a part is whole clusters.</summary>
    private const int Group = 8;

    /// <summary>Less is not worth a phase.</summary>
    private const int Fewest = 8;

    // Of 132: 24 read as fast as nearly all, 48 were the best of large batches, more was slower for both.
    private static readonly double[] Shares = [16.0 / 132, 24.0 / 132, 32.0 / 132, 40.0 / 132, 48.0 / 132, 64.0 / 132, 80.0 / 132];

    /// <summary>The split that gives decode at least so many: prefill has whole groups, decode the rest. Null when one of them had too few.</summary>
    public static SmSplit? WithDecode(int atLeast, int processors)
    {
        var prefill = (processors - atLeast) / Group * Group;
        if (processors - prefill < Fewest) prefill -= Group;
        return atLeast >= 1 && prefill >= Fewest && processors - prefill >= Fewest ? new SmSplit(processors - prefill, prefill) : null;
    }

    /// <summary>The splits that suit a device, decode's share growing.</summary>
    public static ImmutableArray<SmSplit> For(int processors) =>
        [.. Shares.Select(share => WithDecode((int)Math.Round(share * processors), processors)).OfType<SmSplit>().Distinct()];

    /// <summary>Of several, the one with the smallest decode share of at least so many; null when there is none.</summary>
    public static SmSplit? Pick(ImmutableArray<SmSplit> splits, int atLeast)
    {
        SmSplit? best = null;
        foreach (var split in splits)
            if (split.Decode >= atLeast && (best is null || split.Decode < best.Value.Decode)) best = split;
        return best;
    }

    public override string ToString() => $"{Decode}/{Prefill}";
}
