using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Splitwiser.Gpu.Kv;

/// <summary>
/// Chained SHA-256 of a page's tokens, all tokens before them and the cache salt. Proves what a page of main memory holds without the
/// tokens, and without the pages before it: those may have gone and come back meanwhile. Of this process only.
/// </summary>
internal readonly record struct PrefixDigest(UInt128 High, UInt128 Low)
{
    private const int Bytes = 32;

    public static PrefixDigest Root(string? salt) => salt is null ? default : Hash([1, .. MemoryMarshal.AsBytes(salt.AsSpan())]);

    /// <param name="parent">Of the page before it, or the root's.</param>
    /// <param name="page">(<see cref="PageId.Size"/>) its tokens.</param>
    public static PrefixDigest Next(PrefixDigest parent, ReadOnlySpan<int> page)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(page.Length, PageId.Size);
        Span<byte> chained = stackalloc byte[Bytes + PageId.Size * sizeof(int)];
        MemoryMarshal.Write(chained, parent);
        MemoryMarshal.AsBytes(page).CopyTo(chained[Bytes..]);
        return Hash(chained);
    }

    /// <summary>(tokens / <see cref="PageId.Size"/>) one per full page.</summary>
    public static ImmutableArray<PrefixDigest> Of(ReadOnlySpan<int> tokens, string? salt)
    {
        var digests = ImmutableArray.CreateBuilder<PrefixDigest>(tokens.Length / PageId.Size);
        var digest = Root(salt);
        for (var page = 0; page < digests.Capacity; page++)
        {
            digest = Next(digest, tokens.Slice(page * PageId.Size, PageId.Size));
            digests.Add(digest);
        }

        return digests.MoveToImmutable();
    }

    private static PrefixDigest Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Bytes];
        SHA256.HashData(bytes, hash);
        return MemoryMarshal.Read<PrefixDigest>(hash);
    }
}
