using System.Collections.Immutable;
using System.Numerics;

namespace Splitwiser.Gpu.Kv;

/// <summary>
/// Chained 64-bit hashes of a prompt's full pages: hash i covers tokens 0 .. 32(i+1)-1 and the cache salt. The same on every
/// machine, so that a router can compare a prompt's hashes with those that devices report. A hash only finds a page;
/// the pool compares the tokens themselves before it shares one.
/// </summary>
public static class PrefixHash
{
    private const ulong Unsalted = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio
    private const ulong Salted = 0xC2B2AE3D27D4EB4F;
    private const ulong Multiplier = 0xD6E8FEB86659FD93;

    /// <summary>The hash that the first page's is chained to.</summary>
    public static ulong Root(string? salt)
    {
        if (salt is null) return Unsalted;
        var hash = Mix(Salted, (ulong)salt.Length);
        foreach (var character in salt) hash = Mix(hash, character);
        return hash;
    }

    /// <summary>The hash of a page behind another one.</summary>
    /// <param name="parent">Hash of the page before it, or the root's.</param>
    /// <param name="page">(<see cref="PageId.Size"/>) its tokens.</param>
    public static ulong Next(ulong parent, ReadOnlySpan<int> page)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(page.Length, PageId.Size);
        var hash = parent;
        for (var i = 0; i < PageId.Size; i += 2) hash = Mix(hash, (uint)page[i] | (ulong)(uint)page[i + 1] << 32);
        return hash;
    }

    /// <summary>(tokens / <see cref="PageId.Size"/>) one hash per full page.</summary>
    public static ImmutableArray<ulong> Of(ReadOnlySpan<int> tokens, string? salt)
    {
        var hashes = ImmutableArray.CreateBuilder<ulong>(tokens.Length / PageId.Size);
        var hash = Root(salt);
        for (var page = 0; page < hashes.Capacity; page++)
        {
            hash = Next(hash, tokens.Slice(page * PageId.Size, PageId.Size));
            hashes.Add(hash);
        }

        return hashes.MoveToImmutable();
    }

    private static ulong Mix(ulong hash, ulong value)
    {
        var high = Math.BigMul(hash ^ value ^ Salted, Multiplier, out var low);
        return high ^ low ^ BitOperations.RotateLeft(hash, 29);
    }
}
