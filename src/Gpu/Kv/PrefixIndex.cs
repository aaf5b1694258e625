namespace Splitwiser.Gpu.Kv;

/// <summary>
/// Finds the pages that hold the keys and values of a prompt's beginning. Pages form a tree: a page's entry names its parent,
/// its 32 tokens and (at a root) its salt, so a match is proven page by page and a hash collision finds nothing.
/// </summary>
internal sealed class PrefixIndex(int pageCount)
{
    private readonly Dictionary<ulong, PageId> byHash = new(pageCount);
    private readonly Entry[] entries = new Entry[pageCount];
    private readonly int[] tokens = new int[pageCount * PageId.Size];  // (pages, 32) what an indexed page holds

    private record struct Entry(bool Present, ulong Hash, PageId? Parent, string? Salt);

    public int Count => byHash.Count;

    public bool Contains(PageId page) => entries[page.Value].Present;

    public ulong HashOf(PageId page) => entries[page.Value].Hash;

    public PageId? ParentOf(PageId page) => entries[page.Value].Parent;

    /// <summary>Fills <paramref name="found"/> with the longest proven run of pages and returns its length.</summary>
    /// <param name="prompt">(32 * hashes or more) the tokens.</param>
    /// <param name="hashes">Chained hashes of the pages to look for.</param>
    public int Match(ReadOnlySpan<int> prompt, ReadOnlySpan<ulong> hashes, string? salt, Span<PageId> found)
    {
        PageId? parent = null;
        for (var i = 0; i < hashes.Length; i++)
        {
            if (!byHash.TryGetValue(hashes[i], out var page)) return i;
            var entry = entries[page.Value];
            if (entry.Parent != parent || (parent is null && entry.Salt != salt)) return i;
            if (!TokensOf(page).SequenceEqual(prompt.Slice(i * PageId.Size, PageId.Size))) return i;
            found[i] = page;
            parent = page;
        }

        return hashes.Length;
    }

    /// <summary>Enters a computed page; false when its hash is taken.</summary>
    public bool TryAdd(PageId page, ulong hash, PageId? parent, string? salt, ReadOnlySpan<int> pageTokens)
    {
        if (!byHash.TryAdd(hash, page)) return false;
        entries[page.Value] = new Entry(true, hash, parent, salt);
        pageTokens.CopyTo(TokensOf(page));
        return true;
    }

    public void Remove(PageId page)
    {
        byHash.Remove(entries[page.Value].Hash);
        entries[page.Value] = default;
    }

    private Span<int> TokensOf(PageId page) => tokens.AsSpan(page.Value * PageId.Size, PageId.Size);
}
