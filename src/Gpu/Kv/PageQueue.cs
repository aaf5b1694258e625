namespace Splitwiser.Gpu.Kv;

/// <summary>Pages in the order of their last use. Linked through arrays: nothing is allocated after construction.</summary>
internal sealed class PageQueue
{
    private readonly int head;          // a link of its own, before the oldest and after the newest page
    private readonly int[] next;        // (pages + 1) towards the newest
    private readonly int[] previous;    // (pages + 1) towards the oldest

    public PageQueue(int pageCount)
    {
        head = pageCount;
        next = new int[pageCount + 1];
        previous = new int[pageCount + 1];
        next[head] = previous[head] = head;
    }

    public int Count { get; private set; }

    public void AddNewest(PageId page)
    {
        var last = previous[head];
        next[last] = page.Value;
        previous[page.Value] = last;
        next[page.Value] = head;
        previous[head] = page.Value;
        Count++;
    }

    public void Remove(PageId page)
    {
        next[previous[page.Value]] = next[page.Value];
        previous[next[page.Value]] = previous[page.Value];
        Count--;
    }

    public bool TryTakeOldest(out PageId page)
    {
        page = new PageId(next[head]);
        if (Count == 0) return false;
        Remove(page);
        return true;
    }

    public IEnumerable<PageId> NewestFirst()
    {
        for (var page = previous[head]; page != head; page = previous[page]) yield return new PageId(page);
    }
}
