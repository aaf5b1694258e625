using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Phases;

/// <summary>One token of a sequence's output.</summary>
/// <param name="Index">Counted from the request's OutputStart.</param>
/// <param name="Token">The logprob is 0 when none was asked for.</param>
public readonly record struct OutputToken(int Index, TokenLogprob Token);
