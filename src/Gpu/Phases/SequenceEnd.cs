namespace Splitwiser.Gpu.Phases;

/// <summary>How a sequence ended.</summary>
/// <param name="EndTokenId">The end token, for <see cref="EndReason.Stop"/>; it is the last output token.</param>
public sealed record SequenceEnd(EndReason Reason, int? EndTokenId = null);

public enum EndReason
{
    /// <summary>An end token was sampled.</summary>
    Stop,

    /// <summary>MaxTokens or the end of the context.</summary>
    Length,

    /// <summary><see cref="DeviceWorker.Stop"/>.</summary>
    Stopped,

    /// <summary><see cref="DeviceWorker.Release"/>.</summary>
    Released,
}
