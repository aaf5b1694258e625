using System.Collections.Immutable;

namespace Splitwiser.Gpu.Kv;

/// <summary>
/// Who holds which page of a device: every page is free, leased or cached. Full pages below a sequence's accepted length can be
/// published; another prompt that begins with the same tokens then shares them, read-only. Pages that no lease holds any more stay
/// in the cache until they are needed, least recently used first, the ends of chains before their beginnings; pinned ones for good.
/// With main memory behind it, cold pages are copied there before they are reused.
/// Not thread-safe: the device worker's lock guards it. Growing and releasing allocate nothing.
/// </summary>
internal sealed partial class PagePool
{
    private readonly int[] holders;             // (pages) leases that hold the page
    private readonly int[] pins;                // (pages) pins that keep it
    private readonly bool[] leaving;            // (pages) its content is being copied to main memory; not indexed any more
    private readonly PageId[] free;             // the first freeCount are free
    private readonly RecencyQueue<PageId> cached;   // indexed pages without holders and pins; a page always comes before its parent
    private readonly PrefixIndex index;
    private readonly PageId[] found;            // (pages) scratch of Match
    private readonly PrefixDigest[] digests;    // (pages) of indexed pages, where main memory is behind the pool
    private readonly Dictionary<long, PageLease> leases = [];
    private readonly Dictionary<long, PagePin> pinned = [];
    private int freeCount;
    private int pinnedPages;                    // pages with pins, and those of them without holders
    private int idlePinned;
    private long lastNumber;
    private long lastPin;

    /// <param name="host">Main memory behind the pool; null for none.</param>
    public PagePool(int pageCount, long incarnation, HostPool? host = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageCount, 1);
        Incarnation = incarnation;
        Host = host;
        holders = new int[pageCount];
        pins = new int[pageCount];
        leaving = new bool[pageCount];
        found = new PageId[pageCount];
        digests = new PrefixDigest[host is null ? 0 : pageCount];
        cached = new RecencyQueue<PageId>(pageCount);
        index = new PrefixIndex(pageCount);
        free = [.. Enumerable.Range(0, pageCount).Reverse().Select(page => new PageId(page))];
        freeCount = pageCount;
    }

    public long Incarnation { get; }

    public HostPool? Host { get; }

    public int Total => holders.Length;

    public int Free => freeCount;

    /// <summary>Pages whose content is being copied to main memory: free as soon as that is done.</summary>
    public int Leaving { get; private set; }

    /// <summary>Pages that a lease could get now.</summary>
    public int Available => freeCount + cached.Count;

    public PoolAccounts Accounts
    {
        get
        {
            var kept = cached.Count + Leaving + idlePinned;
            return new(freeCount, Total - freeCount - kept, kept, Total) { Pinned = pinnedPages };
        }
    }

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
        if (Available - IdleAmong(found.AsSpan(0, hits)) - (pageCount - hits) < spare) return false;

        lease.Reserve(pageCount);
        for (var i = 0; i < hits; i++)
        {
            Share(found[i]);
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
            lease.Diverged = !index.TryAdd(lease.Pages[next], hash, parent, lease.Salt, pageTokens);
            if (lease.Diverged) return;
            lease.MarkPublished(hash);
            if (Host is not null) digests[lease.Pages[next].Value] = PrefixDigest.Next(parent is { } known ? digests[known.Value] : PrefixDigest.Root(lease.Salt), pageTokens);
        }
    }

    /// <summary>Gives a lease's pages back; the lease stays and can be filled again. False when it had none.</summary>
    public bool Release(PageLease lease)
    {
        Own(lease);
        if (lease.Count == 0) return false;
        for (var i = lease.Count - 1; i >= 0; i--)      // ends of chains become old before their beginnings
            GiveUp(lease.Pages[i]);
        lease.Clear();
        return true;
    }

    /// <summary>Gives a lease's pages back and forgets it; false when that was done already.</summary>
    public bool Close(PageLease lease)
    {
        Release(lease);
        return leases.Remove(lease.Id.Number);
    }

    /// <summary>Nothing runs any more: closes every lease, undoes every pin, and forgets the copies that were under way.</summary>
    public void CloseAll()
    {
        foreach (var lease in leases.Values) Release(lease);
        leases.Clear();
        foreach (var number in pinned.Keys.ToList()) Unpin(number);
        Host?.Abandon();
        for (var page = 0; Leaving > 0; page++)
            if (leaving[page]) Leave(new PageId(page));
    }

    /// <summary>Pages of a lease that other leases hold too.</summary>
    public int SharedPages(PageLease lease)
    {
        var shared = 0;
        foreach (var page in lease.Pages)
            if (holders[page.Value] > 1) shared++;
        return shared;
    }

    /// <summary>Makes every cached page free that is not pinned, and forgets the copies in main memory; returns how many pages became free.</summary>
    public int DropCache()
    {
        Host?.Drop();
        var dropped = 0;
        while (cached.TryTakeOldest(out var page))
        {
            index.Remove(page);
            free[freeCount++] = page;
            dropped++;
        }

        return dropped;
    }

    /// <summary>
    /// At most <paramref name="limit"/> hashes of pages that a prompt could share: those in use first, then the lately used, then those in
    /// main memory; a chain's beginning before its end.
    /// </summary>
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

        var kept = pinned.Values.SelectMany(pin => pin.Pages.ToArray()).Concat(cached.NewestFirst()).Select(index.HashOf);
        foreach (var hash in kept.Concat(Host?.Hashes() ?? []))
        {
            if (summary.Count == limit) break;
            summary.Add(hash);
        }

        return [.. summary];
    }

    private int Match(ReadOnlySpan<int> tokens, ReadOnlySpan<ulong> hashes, string? salt)
    {
        var usable = Math.Min(hashes.Length, (tokens.Length - 1) / PageId.Size);
        return index.Match(tokens, hashes[..usable], salt, found);
    }

    /// <summary>Pages that would no longer be available if a lease shared these.</summary>
    private int IdleAmong(ReadOnlySpan<PageId> pages)
    {
        var idle = 0;
        foreach (var page in pages)
            if (IsIdle(page)) idle++;
        return idle;
    }

    private bool IsIdle(PageId page) => holders[page.Value] == 0 && pins[page.Value] == 0;

    private void Share(PageId page)
    {
        if (holders[page.Value]++ > 0) return;
        if (pins[page.Value] > 0) idlePinned--;
        else cached.Remove(page);
    }

    private void GiveUp(PageId page)
    {
        if (--holders[page.Value] > 0) return;
        if (pins[page.Value] > 0) idlePinned++;
        else if (index.Contains(page)) cached.AddNewest(page);
        else free[freeCount++] = page;
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
