using System.Collections;

namespace Splitwiser.Gpu.Phases;

/// <summary>Sequences in the order of prefill.</summary>
internal sealed class PromptQueue : IReadOnlyList<Generation>
{
    private readonly List<Generation> ordered = [];

    public int Count => ordered.Count;

    public Generation this[int index] => ordered[index];

    public void Add(Generation generation)
    {
        var low = 0;
        var high = ordered.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ordered[middle].Rank.CompareTo(generation.Rank) < 0) low = middle + 1;
            else high = middle;
        }

        ordered.Insert(low, generation);
    }

    public void Remove(Generation generation) => ordered.Remove(generation);

    public void Clear() => ordered.Clear();

    public IEnumerator<Generation> GetEnumerator() => ordered.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
