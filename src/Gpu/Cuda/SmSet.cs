using System.Collections.Immutable;

namespace Splitwiser.Gpu.Cuda;

/// <summary>Multiprocessors of a device, by %smid.</summary>
internal sealed class SmSet
{
    private readonly ImmutableSortedSet<int> ids;

    private SmSet(ImmutableSortedSet<int> ids) => this.ids = ids;

    public int Count => ids.Count;

    /// <param name="blocks">The multiprocessor of each of many blocks, in any order.</param>
    public static SmSet Of(ReadOnlySpan<uint> blocks)
    {
        var seen = new HashSet<int>();
        foreach (var id in blocks) seen.Add((int)id);
        return new SmSet([.. seen]);
    }

    public bool Contains(int id) => ids.Contains(id);

    public bool Contains(SmSet other) => ids.IsSupersetOf(other.ids);

    public bool Overlaps(SmSet other) => ids.Overlaps(other.ids);

    /// <summary>Runs of numbers: 0-15, 18.</summary>
    public override string ToString()
    {
        var runs = new List<(int First, int Last)>();
        foreach (var id in ids)
            if (runs.Count > 0 && runs[^1].Last == id - 1) runs[^1] = (runs[^1].First, id);
            else runs.Add((id, id));
        return string.Join(", ", runs.Select(run => run.First == run.Last ? $"{run.First}" : $"{run.First}-{run.Last}"));
    }
}
