namespace Splitwiser.Gpu.Kv;

/// <summary>
/// The pages of main memory behind a device's pool, each free, being filled, or holding a copy of a full page that was published.
/// Copies stay until their room is needed, least recently used first; never while one is filled or read. A page may be held here, by
/// the device, or by both. Not thread-safe: the device worker's lock guards it.
/// </summary>
internal sealed class HostPool
{
    private readonly Dictionary<PrefixDigest, HostPageId> byDigest;
    private readonly Entry[] entries;                   // (pages)
    private readonly RecencyQueue<HostPageId> idle;     // hold a copy that nobody reads
    private readonly HostPageId[] free;                 // the first freeCount are free
    private int freeCount;

    private record struct Entry(PrefixDigest Digest, ulong Hash, HostPageState State, int Readers);

    private enum HostPageState
    {
        Free,
        Filling,
        Held,
    }

    public HostPool(int pageCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageCount, 1);
        byDigest = new(pageCount);
        entries = new Entry[pageCount];
        idle = new(pageCount);
        free = [.. Enumerable.Range(0, pageCount).Select(page => new HostPageId(page))];    // the last goes first: chains come end first, so neighbours stay neighbours
        freeCount = pageCount;
    }

    public HostAccounts Accounts => new(freeCount, entries.Length - freeCount, entries.Length);

    /// <summary>A copy is here, or on its way.</summary>
    public bool Knows(PrefixDigest digest) => byDigest.ContainsKey(digest);

    /// <summary>A page for a copy of what has this digest; the least recently used one makes room. False while all are filled or read.</summary>
    /// <param name="hash">Of the same page, for <see cref="Hashes"/>.</param>
    public bool TryFill(PrefixDigest digest, ulong hash, out HostPageId page)
    {
        if (freeCount > 0) page = free[--freeCount];
        else if (idle.TryTakeOldest(out page)) byDigest.Remove(entries[page.Value].Digest);
        else return false;
        byDigest.Add(digest, page);
        entries[page.Value] = new Entry(digest, hash, HostPageState.Filling, 0);
        return true;
    }

    /// <summary>The copy is complete.</summary>
    public void Filled(HostPageId page)
    {
        ref var entry = ref In(page, HostPageState.Filling);
        entry.State = HostPageState.Held;
        idle.AddNewest(page);
    }

    /// <summary>The leading digests whose copies are here or on their way; fills <paramref name="found"/> as far as they go.</summary>
    /// <param name="ready">All of them are here.</param>
    public int Match(ReadOnlySpan<PrefixDigest> digests, Span<HostPageId> found, out bool ready)
    {
        ready = true;
        for (var i = 0; i < digests.Length; i++)
        {
            if (!byDigest.TryGetValue(digests[i], out found[i])) return i;
            if (entries[found[i].Value].State == HostPageState.Filling) ready = false;
        }

        return digests.Length;
    }

    /// <summary>Keeps a copy where it is until <see cref="EndRead"/>.</summary>
    public void BeginRead(HostPageId page)
    {
        if (In(page, HostPageState.Held).Readers++ == 0) idle.Remove(page);
    }

    public void EndRead(HostPageId page)
    {
        if (--In(page, HostPageState.Held).Readers == 0) idle.AddNewest(page);
    }

    /// <summary>Forgets every copy that nobody reads.</summary>
    public void Drop()
    {
        while (idle.TryTakeOldest(out var page)) Forget(page);
    }

    /// <summary>No copy is under way any more: those that were being made are nothing.</summary>
    public void Abandon()
    {
        for (var page = 0; page < entries.Length; page++)
        {
            if (entries[page].State == HostPageState.Filling) Forget(new HostPageId(page));
            else if (entries[page].Readers > 0)
            {
                entries[page].Readers = 0;
                idle.AddNewest(new HostPageId(page));
            }
        }
    }

    /// <summary>Prefix hashes of the copies, the lately used first.</summary>
    public IEnumerable<ulong> Hashes()
    {
        foreach (var page in idle.NewestFirst()) yield return entries[page.Value].Hash;
    }

    /// <summary>Throws InvalidOperationException when the books don't balance.</summary>
    public void CheckInvariants()
    {
        var seen = new HashSet<HostPageId>();
        foreach (var page in free.AsSpan(0, freeCount))
            Check(seen.Add(page) && entries[page.Value].State == HostPageState.Free, $"{page} is free and also used, or free twice");
        foreach (var page in idle.NewestFirst())
            Check(seen.Add(page) && entries[page.Value] is { State: HostPageState.Held, Readers: 0 }, $"{page} may be reused and is read, filled or free");
        for (var page = 0; page < entries.Length; page++)
        {
            if (entries[page].State == HostPageState.Free) continue;
            Check(byDigest.TryGetValue(entries[page].Digest, out var found) && found.Value == page, $"host page {page} is not found by what it holds");
            if (entries[page].State == HostPageState.Filling || entries[page].Readers > 0)
                Check(seen.Add(new HostPageId(page)), $"host page {page} is under way and also free or idle");
        }

        Check(seen.Count == entries.Length && byDigest.Count == Accounts.Used, "free + used is not the total");

        static void Check(bool holds, string broken)
        {
            if (!holds) throw new InvalidOperationException($"The host pool is inconsistent: {broken}.");
        }
    }

    private void Forget(HostPageId page)
    {
        byDigest.Remove(entries[page.Value].Digest);
        entries[page.Value] = default;
        free[freeCount++] = page;
    }

    private ref Entry In(HostPageId page, HostPageState state)
    {
        ref var entry = ref entries[page.Value];
        if (entry.State != state) throw new InvalidOperationException($"{page} is {entry.State}, not {state}.");
        return ref entry;
    }
}
