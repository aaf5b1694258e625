using System.Diagnostics.CodeAnalysis;

namespace Splitwiser.Gpu.Kv;

// Prefixes that stay cached.
internal sealed partial class PagePool
{
    /// <summary>Keeps the pages of a prefix in the cache; false when the cache has not all of them.</summary>
    /// <param name="hashes">Chained hashes of its full pages.</param>
    public bool TryPin(ReadOnlySpan<int> tokens, ReadOnlySpan<ulong> hashes, string? salt, [NotNullWhen(true)] out PagePin? pin)
    {
        pin = null;
        if (index.Match(tokens, hashes, salt, found) < hashes.Length) return false;
        pin = new PagePin(++lastPin, found[..hashes.Length]);
        pinned.Add(pin.Number, pin);
        foreach (var page in pin.Pages)
        {
            if (pins[page.Value]++ > 0) continue;
            pinnedPages++;
            if (holders[page.Value] > 0) continue;
            cached.Remove(page);
            idlePinned++;
        }

        return true;
    }

    /// <summary>Undoes a pin; false when that was done already, or there was none of this number.</summary>
    public bool Unpin(long number)
    {
        if (!pinned.Remove(number, out var pin)) return false;
        for (var i = pin.Pages.Length - 1; i >= 0; i--)
        {
            var page = pin.Pages[i];
            if (--pins[page.Value] > 0) continue;
            pinnedPages--;
            if (holders[page.Value] > 0) continue;
            idlePinned--;
            cached.AddNewest(page);
        }

        return true;
    }

    /// <summary>Pages of a prefix that a pin would add to those that are pinned.</summary>
    public int UnpinnedPages(ReadOnlySpan<int> tokens, ReadOnlySpan<ulong> hashes, string? salt)
    {
        var hits = index.Match(tokens, hashes, salt, found);
        var unpinned = hashes.Length - hits;
        foreach (var page in found.AsSpan(0, hits))
            if (pins[page.Value] == 0) unpinned++;
        return unpinned;
    }
}
