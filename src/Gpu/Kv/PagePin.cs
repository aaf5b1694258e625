namespace Splitwiser.Gpu.Kv;

/// <summary>Keeps the pages of a prefix in the cache until it is undone.</summary>
/// <param name="pages">(full pages of the prefix)</param>
internal sealed class PagePin(long number, PageId[] pages)
{
    public long Number { get; } = number;

    public ReadOnlySpan<PageId> Pages => pages;
}
