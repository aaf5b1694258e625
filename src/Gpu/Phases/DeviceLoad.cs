using System.Collections.Immutable;

namespace Splitwiser.Gpu.Phases;

/// <summary>How busy a device is, for routing.</summary>
/// <param name="Waiting">Sequences without pages: new prompts and preempted ones.</param>
/// <param name="Running">Sequences with pages.</param>
/// <param name="QueuedTokens">Prompt tokens that are not computed yet.</param>
/// <param name="CachedPrefixes">Chained hashes (<see cref="Kv.PrefixHash"/>) of pages that a prompt could share; at most <see cref="MaxCachedPrefixes"/>.</param>
public sealed record DeviceLoad(int Waiting, int Running, int QueuedTokens, ImmutableArray<ulong> CachedPrefixes)
{
    public const int MaxCachedPrefixes = 2048;
}
