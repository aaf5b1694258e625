namespace Splitwiser.Gpu.Kv;

/// <summary>
/// The pages of one sequence, in order. The id outlives them: a preempted sequence keeps its lease and gets other pages.
/// Leading pages may be shared with other leases; those are full and never written. The pool alone changes it.
/// </summary>
internal sealed class PageLease(LeaseId id, string? salt)
{
    private PageId[] pages = [];

    public LeaseId Id { get; } = id;

    /// <summary>Pages are shared only between leases of one salt.</summary>
    public string? Salt { get; private set; } = salt;

    public int Count { get; private set; }

    /// <summary>(Count) page i holds positions 32i .. 32i+31.</summary>
    public ReadOnlySpan<PageId> Pages => pages.AsSpan(0, Count);

    /// <summary>Leading pages that came from the prefix cache when the lease was filled.</summary>
    public int FromCache { get; private set; }

    /// <summary>Leading pages that the prefix index knows.</summary>
    public int Published { get; private set; }

    /// <summary>Chained hash of the published pages.</summary>
    public ulong PublishedHash { get; private set; } = PrefixHash.Root(salt);

    /// <summary>The index has another page for this lease's next one: the lease publishes no more, for its chain would hang on pages that it doesn't hold.</summary>
    public bool Diverged { get; set; }

    /// <summary>Makes room, so that growing up to this many pages allocates nothing.</summary>
    public void Reserve(int pageCount)
    {
        if (pages.Length < pageCount) Array.Resize(ref pages, pageCount);
    }

    public void Add(PageId page)
    {
        if (Count == pages.Length) Array.Resize(ref pages, Math.Max(4, 2 * Count));
        pages[Count++] = page;
    }

    public void AddFromCache(PageId page, ulong hash)
    {
        Add(page);
        FromCache++;
        MarkPublished(hash);
    }

    public void MarkPublished(ulong hash)
    {
        Published++;
        PublishedHash = hash;
    }

    /// <summary>Changes the salt of a lease without pages.</summary>
    public void Rekey(string? salt)
    {
        Salt = salt;
        Clear();
    }

    public void Clear()
    {
        Count = FromCache = Published = 0;
        PublishedHash = PrefixHash.Root(Salt);
        Diverged = false;
    }
}
