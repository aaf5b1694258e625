using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>A finished prompt: token 0 is sampled and decode owns the pages. None was copied.</summary>
/// <param name="PromptLength">Tokens of the request.</param>
/// <param name="CachedLength">Those of them that were not computed but found in the prefix cache.</param>
/// <param name="Queue">From the call to the first pages.</param>
/// <param name="Prefill">From the first pages to token 0.</param>
public sealed record Handoff(LeaseId Lease, int PromptLength, int CachedLength, TimeSpan Queue, TimeSpan Prefill);
