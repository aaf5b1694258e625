using System.Collections.Immutable;
using Orleans;

namespace Splitwiser.Grains;

/// <summary>What a device's steps have brought to one consumer since the item before.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.StepTokens")]
public sealed record StepTokens([property: Id(0)] ImmutableArray<SequenceTokens> Sequences);

/// <summary>News of one sequence.</summary>
/// <param name="Tokens">Null when there are none and no end either.</param>
/// <param name="Lost">Set on the last news when the output ends without an end of its own.</param>
[GenerateSerializer, Immutable, Alias("splitwiser.SequenceTokens")]
public sealed record SequenceTokens(
    [property: Id(0)] LeaseRef Lease,
    [property: Id(1)] DecodedTokens? Tokens,
    [property: Id(2)] LostLease? Lost)
{
    /// <summary>No news follow.</summary>
    public bool IsLast => Lost is not null || Tokens?.End is not null;
}

/// <summary>Output of one sequence, in order.</summary>
/// <param name="FirstIndex">Output index of the first id.</param>
/// <param name="Logprobs">One per id when asked for, else empty.</param>
/// <param name="End">Set on the last one.</param>
[GenerateSerializer, Immutable, Alias("splitwiser.DecodedTokens")]
public sealed record DecodedTokens(
    [property: Id(0)] int FirstIndex,
    [property: Id(1)] ImmutableArray<int> Ids,
    [property: Id(2)] ImmutableArray<PositionLogprobs> Logprobs,
    [property: Id(3)] DecodeEnd? End)
{
    /// <summary>This and what follows it, as one.</summary>
    /// <exception cref="InvalidDataException">There is a gap between them.</exception>
    public DecodedTokens Then(DecodedTokens next) => next.FirstIndex == FirstIndex + Ids.Length
        ? new(FirstIndex, [.. Ids, .. next.Ids], [.. Logprobs, .. next.Logprobs], next.End)
        : throw new InvalidDataException("its output has a gap.");
}

/// <summary>How a sequence ended on its device. The end token is the last of the ids when there is one.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.DecodeEnd")]
public sealed record DecodeEnd([property: Id(0)] FinishReason Reason, [property: Id(1)] int? EndTokenId);

/// <summary>Why a lease's output ends here, though its device lives.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.LostLease")]
public sealed record LostLease([property: Id(0)] LeaseLoss Loss, [property: Id(1)] string Message);
