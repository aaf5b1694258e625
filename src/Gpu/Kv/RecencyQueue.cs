namespace Splitwiser.Gpu.Kv;

/// <summary>Ids in the order of their last use. Linked through arrays: nothing is allocated after construction.</summary>
internal sealed class RecencyQueue<TId> where TId : struct, INumbered<TId>
{
    private readonly int head;          // a link of its own, before the oldest and after the newest id
    private readonly int[] next;        // (ids + 1) towards the newest
    private readonly int[] previous;    // (ids + 1) towards the oldest

    public RecencyQueue(int count)
    {
        head = count;
        next = new int[count + 1];
        previous = new int[count + 1];
        next[head] = previous[head] = head;
    }

    public int Count { get; private set; }

    public void AddNewest(TId id)
    {
        var last = previous[head];
        next[last] = id.Value;
        previous[id.Value] = last;
        next[id.Value] = head;
        previous[head] = id.Value;
        Count++;
    }

    public void Remove(TId id)
    {
        next[previous[id.Value]] = next[id.Value];
        previous[next[id.Value]] = previous[id.Value];
        Count--;
    }

    public bool TryPeekOldest(out TId id)
    {
        id = TId.Of(next[head]);
        return Count > 0;
    }

    public bool TryTakeOldest(out TId id)
    {
        if (!TryPeekOldest(out id)) return false;
        Remove(id);
        return true;
    }

    public IEnumerable<TId> NewestFirst()
    {
        for (var id = previous[head]; id != head; id = previous[id]) yield return TId.Of(id);
    }
}
