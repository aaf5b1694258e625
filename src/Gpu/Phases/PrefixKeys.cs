using System.Collections.Immutable;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Phases;

/// <summary>By what the cache and main memory find the beginning of a sequence.</summary>
/// <param name="Salt">The request's own, and of the frequencies that it turns by.</param>
/// <param name="Hashes">Of its full pages; empty where it may not use the cache.</param>
/// <param name="Digests">The same for main memory; empty where there is none.</param>
internal readonly record struct PrefixKeys(string? Salt, ImmutableArray<ulong> Hashes, ImmutableArray<PrefixDigest> Digests)
{
    /// <param name="tokens">The prompt, or all that the sequence has by now.</param>
    public static PrefixKeys Of(ReadOnlySpan<int> tokens, PromptRequest request, DeviceOptions options, RopeConfig? rope)
    {
        var salt = RopeRange.Salt(rope, request.CacheSalt, tokens.Length);
        if (!options.PrefixCaching || !request.LooksUpPrefix) return new(salt, [], []);
        return new(salt, PrefixHash.Of(tokens, salt), options.HostPages > 0 ? PrefixDigest.Of(tokens, salt) : []);
    }
}
