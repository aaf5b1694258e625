namespace Splitwiser.Gpu.Kv;

internal sealed partial class PagePool
{
    /// <summary>Throws InvalidOperationException when the books don't balance.</summary>
    public void CheckInvariants()
    {
        var counted = new int[Total];
        foreach (var lease in leases.Values)
            foreach (var page in lease.Pages) counted[page.Value]++;
        Check(counted.AsSpan().SequenceEqual(holders), "a page's holders are not the leases that list it");
        Array.Clear(counted);
        foreach (var pin in pinned.Values)
            foreach (var page in pin.Pages) counted[page.Value]++;
        Check(counted.AsSpan().SequenceEqual(pins) && counted.Count(count => count > 0) == pinnedPages, "a page's pins are not those that list it");

        var seen = new HashSet<PageId>();
        foreach (var page in free.AsSpan(0, freeCount))
            Check(seen.Add(page) && IsIdle(page) && !index.Contains(page) && !leaving[page.Value], $"{page} is free and also held, cached, leaving or free twice");
        foreach (var page in cached.NewestFirst())
        {
            var parent = index.ParentOf(page);
            Check(parent is not { } before || !IsIdle(before) || seen.Contains(before), $"{page} would be reused after the page before it");
            Check(seen.Add(page) && IsIdle(page) && index.Contains(page) && !leaving[page.Value], $"{page} is cached and also held, free, leaving or not indexed");
        }

        var (leased, leaves, idle) = (0, 0, 0);
        for (var number = 0; number < Total; number++)
        {
            var page = new PageId(number);
            if (leaving[number])
            {
                leaves++;
                Check(seen.Add(page) && IsIdle(page) && !index.Contains(page), $"{page} leaves and is also held, free or cached");
            }

            if (IsIdle(page)) continue;
            if (holders[number] > 0) leased++;
            else idle++;
            Check(seen.Add(page), $"{page} is leased or pinned and also free, cached or leaving");
            if (pins[number] > 0) Check(index.Contains(page) && (index.ParentOf(page) is not { } before || pins[before.Value] > 0), $"{page} is pinned without the page before it");
            if (holders[number] > 0 && index.ParentOf(page) is { } parent) Check(holders[parent.Value] > 0, $"{page} is leased without the page before it");
        }

        Check(leased == Accounts.Leased && leaves == Leaving && idle == idlePinned && seen.Count == Total, "free + leased + cached is not the total");
        Host?.CheckInvariants();
        foreach (var lease in leases.Values)
            for (var i = lease.Published; i < lease.Count; i++)
                Check(holders[lease.Pages[i].Value] == 1 && !index.Contains(lease.Pages[i]), $"{lease.Pages[i]} is unpublished and shared");

        static void Check(bool holds, string broken)
        {
            if (!holds) throw new InvalidOperationException($"The page pool is inconsistent: {broken}.");
        }
    }
}
