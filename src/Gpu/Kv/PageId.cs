namespace Splitwiser.Gpu.Kv;

/// <summary>A page of the key/value pool: <see cref="Size"/> positions of every layer and head.</summary>
public readonly record struct PageId(int Value) : INumbered<PageId>
{
    /// <summary>Tokens a page holds, on every runner.</summary>
    public const int Size = 32;

    /// <summary>Pages that hold this many tokens.</summary>
    public static int CountFor(int tokens) => (tokens + Size - 1) / Size;

    static PageId INumbered<PageId>.Of(int value) => new(value);
}
