namespace Splitwiser.Gpu.Kv;

// Cold pages go to main memory.
internal sealed partial class PagePool
{
    /// <summary>
    /// Sees to it that a lease of a prompt would find free pages, so that no cached one is lost for it that main memory could keep: the
    /// coldest are freed, or begin to be copied out.
    /// </summary>
    /// <param name="copies">Takes the copies to begin.</param>
    /// <returns>False while it is worth waiting for copies.</returns>
    public bool MakeRoom(ReadOnlySpan<int> tokens, ReadOnlySpan<ulong> hashes, string? salt, int pageCount, int spare, List<PageCopy> copies)
    {
        var hits = Match(tokens, hashes, salt);
        var fresh = pageCount - hits;
        if (fresh <= freeCount) return true;
        var room = Available - IdleAmong(found.AsSpan(0, hits));
        if (room + Leaving - fresh < spare) return true;       // it would not be leased anyway
        for (var i = hits - 1; i >= 0; i--)                     // its own beginning must not make the room
        {
            if (!IsIdle(found[i])) continue;
            cached.Remove(found[i]);
            cached.AddNewest(found[i]);
        }

        Vacate(fresh - freeCount - Leaving, copies);
        return freeCount >= fresh || Leaving == 0;
    }

    /// <summary>Frees the coldest cached pages: at once where main memory has a copy, otherwise with the copies that begin, to be answered by <see cref="Vacated"/>.</summary>
    /// <returns>How many; fewer than asked for when the cache has no more, or main memory has no room.</returns>
    public int Vacate(int count, List<PageCopy> copies)
    {
        if (Host is null) return 0;
        var taken = 0;
        for (; taken < count && cached.TryPeekOldest(out var page); taken++)
        {
            if (Host.Knows(digests[page.Value])) free[freeCount++] = page;
            else if (Host.TryFill(digests[page.Value], index.HashOf(page), out var hostPage))
            {
                leaving[page.Value] = true;
                Leaving++;
                copies.Add(new PageCopy(page, hostPage));
            }
            else break;
            cached.Remove(page);
            index.Remove(page);
        }

        return taken;
    }

    /// <summary>A copy to main memory is complete: its page is free.</summary>
    public void Vacated(PageCopy copy)
    {
        Host!.Filled(copy.HostPage);
        Leave(copy.Page);
    }

    private void Leave(PageId page)
    {
        if (!leaving[page.Value]) throw new InvalidOperationException($"{page} is not on its way to main memory.");
        leaving[page.Value] = false;
        Leaving--;
        free[freeCount++] = page;
    }
}
