using System.Collections.Immutable;

namespace Splitwiser.Gpu.Kv;

/// <summary>
/// Who holds which page of a device: every page is free, leased or cached. Full pages below a sequence's accepted length can be
/// published; another prompt that begins with the same tokens then shares them, read-only. Pages that no lease holds any more stay
/// in the cache until they are needed, least recently used first, the ends of chains before their beginnings.
/// Not thread-safe: the device worker's lock guards it. Growing and releasing allocate nothing.
/// </summary>
internal sealed class PagePool
{
    private readonly int[] holders;             // (pages) leases that hold the page
    private readonly PageId[] free;             // the first freeCount are free
    private readonly PageQueue cached;          // indexed pages without holders; a page always comes before its parent
    private readonly PrefixIndex index;
    private readonly PageId[] found;            // (pages) scratch of TryLease
    private readonly Dictionary<long, PageLease> leases = [];
    private int freeCount;
    private long lastNumber;

    public PagePool(int pageCount, long incarnation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageCount, 1);
        Incarnation = incarnation;
        holders = new int[pageCount];
        found = new PageId[pageCount];
        cached = new PageQueue(pageCount);
        index = new PrefixIndex(pageCount);
        free = [.. Enumerable.Range(0, pageCount).Reverse().Select(page => new PageId(page))];
        freeCount = pageCount;
    }

    public long Incarnation { get; }

    public int Total => holders.Length;

    /// <summary>Pages that a lease could get now.</summary>
    public int Available => freeCount + cached.Count;

    public PoolAccounts Accounts => new(freeCount, Total - Available, cached.Count, Total);

    /// <summary>A new lease without pages.</summary>
    public PageLease Open(string? salt = null)
    {
        var lease = new PageLease(new LeaseId(Incarnation, ++lastNumber), salt);
        leases.Add(lease.Id.Number, lease);
        return lease;
    }

    /// <summary>True when a lease of this number was given out by this pool, however long ago.</summary>
    public bool WasOpened(LeaseId id) => id.Incarnation == Incarnation && id.Number >= 1 && id.Number <= lastNumber;

    /// <summary>
    /// Fills an empty lease in one step: pins the cached pages that hold the beginning of the tokens and adds fresh ones.
    /// At least one token is left to compute, for the next one is sampled from it: a full hit computes its last page again.
    /// False, and nothing changed, when fewer than <paramref name="spare"/> pages would stay available.
    /// </summary>
    /// <param name="hashes">Chained hashes of the tokens' full pages; empty to share nothing.</param>
    /// <param name="pageCount">Pages in all.</param>
    public bool TryLease(PageLease lease, ReadOnlySpan<int> tokens, ReadOnlySpan<ulong> hashes, int pageCount, int spare)
    {
        Opened(lease);
        if (lease.Count != 0) throw new InvalidOperationException($"Lease {lease.Id} holds pages already.");
        var hits = Match(tokens, hashes, lease.Salt);
        var idleHits = 0;
        foreach (var page in found.AsSpan(0, hits))
            if (holders[page.Value] == 0) idleHits++;
        if (Available - idleHits - (pageCount - hits) < spare) return false;

        lease.Reserve(pageCount);
        for (var i = 0; i < hits; i++)
        {
            if (holders[found[i].Value]++ == 0) cached.Remove(found[i]);
            lease.AddFromCache(found[i], hashes[i]);
        }

        while (lease.Count < pageCount) lease.Add(TakeFresh());
        return true;
    }

    /// <summary>Tokens of a prompt that the cache would save now.</summary>
    public int CachedTokens(ReadOnlySpan<int> tokens, ReadOnlySpan<ulong> hashes, string? salt) => Match(tokens, hashes, salt) * PageId.Size;

    /// <summary>Adds one page to a lease; false when none is available.</summary>
    public bool TryGrow(PageLease lease, out PageId page)
    {
        Opened(lease);
        page = default;
        if (Available == 0) return false;
        page = TakeFresh();
        lease.Add(page);
        return true;
    }

    /// <summary>Enters a lease's full pages below <paramref name="length"/> into the prefix index. All of them must be computed.</summary>
    /// <param name="tokens">(length or more) what the pages hold.</param>
    public void Publish(PageLease lease, ReadOnlySpan<int> tokens, int length)
    {
        Own(lease);
        while (!lease.Diverged && (lease.Published + 1) * PageId.Size <= length)
        {
            var next = lease.Published;
            var pageTokens = tokens.Slice(next * PageId.Size, PageId.Size);
            var hash = PrefixHash.Next(lease.PublishedHash, pageTokens);
            PageId? parent = next == 0 ? null : lease.Pages[next - 1];
            if (index.TryAdd(lease.Pages[next], hash, parent, lease.Salt, pageTokens)) lease.MarkPublished(hash);
            else lease.Diverged = true;
        }
    }

    /// <summary>Gives a lease's pages back; the lease stays and can be filled again. False when it had none.</summary>
    public bool Release(PageLease lease)
    {
        Own(lease);
        if (lease.Count == 0) return false;
        for (var i = lease.Count - 1; i >= 0; i--)      // ends of chains become old before their beginnings
        {
            var page = lease.Pages[i];
            if (--holders[page.Value] > 0) continue;
            if (index.Contains(page)) cached.AddNewest(page);
            else free[freeCount++] = page;
        }

        lease.Clear();
        return true;
    }

    /// <summary>Gives a lease's pages back and forgets it; false when that was done already.</summary>
    public bool Close(PageLease lease)
    {
        Release(lease);
        return leases.Remove(lease.Id.Number);
    }

    /// <summary>Closes every lease.</summary>
    public void CloseAll()
    {
        foreach (var lease in leases.Values) Release(lease);
        leases.Clear();
    }

    /// <summary>Pages of a lease that other leases hold too.</summary>
    public int SharedPages(PageLease lease)
    {
        var shared = 0;
        foreach (var page in lease.Pages)
            if (holders[page.Value] > 1) shared++;
        return shared;
    }

    /// <summary>Makes every cached page free; returns how many.</summary>
    public int DropCache()
    {
        var dropped = 0;
        while (cached.TryTakeOldest(out var page))
        {
            index.Remove(page);
            free[freeCount++] = page;
            dropped++;
        }

        return dropped;
    }

    /// <summary>At most <paramref name="limit"/> hashes of pages that a prompt could share: those in use first, then the lately used; a chain's beginning before its end.</summary>
    public ImmutableArray<ulong> Summary(int limit)
    {
        var summary = new HashSet<ulong>();
        foreach (var lease in leases.Values)
        {
            foreach (var page in lease.Pages[..lease.Published])
            {
                if (summary.Count == limit) return [.. summary];
                summary.Add(index.HashOf(page));
            }
        }

        foreach (var page in cached.NewestFirst().Take(limit - summary.Count)) summary.Add(index.HashOf(page));
        return [.. summary];
    }

    /// <summary>Throws InvalidOperationException when the books don't balance.</summary>
    public void CheckInvariants()
    {
        var counted = new int[Total];
        foreach (var lease in leases.Values)
            foreach (var page in lease.Pages) counted[page.Value]++;
        Check(counted.AsSpan().SequenceEqual(holders), "a page's holders are not the leases that list it");

        var seen = new HashSet<PageId>();
        foreach (var page in free.AsSpan(0, freeCount))
            Check(seen.Add(page) && holders[page.Value] == 0 && !index.Contains(page), $"{page} is free and also held, cached or free twice");
        foreach (var page in cached.NewestFirst())
        {
            var parent = index.ParentOf(page);
            Check(parent is null || holders[parent.Value.Value] > 0 || seen.Contains(parent.Value), $"{page} would be reused after the page before it");
            Check(seen.Add(page) && holders[page.Value] == 0 && index.Contains(page), $"{page} is cached and also held, free or not indexed");
        }

        var leased = 0;
        for (var page = 0; page < Total; page++)
        {
            if (holders[page] == 0) continue;
            leased++;
            Check(seen.Add(new PageId(page)), $"page {page} is leased and also free or cached");
            if (index.ParentOf(new PageId(page)) is { } parent) Check(holders[parent.Value] > 0, $"page {page} is leased without the page before it");
        }

        Check(leased == Accounts.Leased && seen.Count == Total, "free + leased + cached is not the total");
        foreach (var lease in leases.Values)
            for (var i = lease.Published; i < lease.Count; i++)
                Check(holders[lease.Pages[i].Value] == 1 && !index.Contains(lease.Pages[i]), $"{lease.Pages[i]} is unpublished and shared");

        static void Check(bool holds, string broken)
        {
            if (!holds) throw new InvalidOperationException($"The page pool is inconsistent: {broken}.");
        }
    }

    private int Match(ReadOnlySpan<int> tokens, ReadOnlySpan<ulong> hashes, string? salt)
    {
        var usable = Math.Min(hashes.Length, (tokens.Length - 1) / PageId.Size);
        return index.Match(tokens, hashes[..usable], salt, found);
    }

    private PageId TakeFresh()
    {
        PageId page;
        if (freeCount > 0) page = free[--freeCount];
        else if (cached.TryTakeOldest(out page)) index.Remove(page);
        else throw new InvalidOperationException("No page is available.");
        holders[page.Value] = 1;
        return page;
    }

    private void Opened(PageLease lease)
    {
        if (!leases.ContainsKey(Own(lease).Id.Number)) throw new InvalidOperationException($"{lease.Id} is closed.");
    }

    private PageLease Own(PageLease lease) =>
        lease.Id.Incarnation == Incarnation ? lease : throw new ArgumentException($"{lease.Id} is not of this pool (incarnation {Incarnation}).");
}
