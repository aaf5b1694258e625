namespace Splitwiser.Gpu.Phases;

/// <summary>What a device has done since it started. Everything counts up.</summary>
public sealed record DeviceStatistics
{
    /// <summary>Tokens of the prompts that were taken in.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Prompt positions computed; again after a preemption, never for those found in the cache.</summary>
    public required long PrefilledTokens { get; init; }

    public required long GeneratedTokens { get; init; }

    /// <summary>Tokens sampled by steps that were launched before their sequence's end was known.</summary>
    public required long DiscardedTokens { get; init; }

    /// <summary>Prompt tokens looked up in the prefix cache, those found, and those of them that were copied from main memory.</summary>
    public required long PrefixQueryTokens { get; init; }

    public required long PrefixHitTokens { get; init; }

    public required long HostHitTokens { get; init; }

    /// <summary>Pages copied to main memory and from there, those of preempted sequences included.</summary>
    public required long PagesCopiedOut { get; init; }

    public required long PagesCopiedIn { get; init; }

    public required long Preemptions { get; init; }

    /// <summary>Prompts that became decode sequences; once more after each preemption.</summary>
    public required long Handoffs { get; init; }

    /// <summary>Pages that a sequence's first decode step read elsewhere than its prefill wrote them.</summary>
    public required long HandoffPagesCopied { get; init; }

    /// <summary>Seconds that a change of owner took: from a prompt's first token in the host's hands to its sequence among those that decode.</summary>
    public required HistogramSnapshot HandoffTime { get; init; }

    /// <summary>Sequences that ended by an end token, at MaxTokens or the context's end, by Stop, by Release or cancellation, and for want of a reader.</summary>
    public required long EndedByToken { get; init; }

    public required long EndedByLength { get; init; }
    public required long Stopped { get; init; }
    public required long Released { get; init; }
    public required long Expired { get; init; }

    /// <summary>Seconds between two tokens of a sequence; time spent preempted counts.</summary>
    public required HistogramSnapshot TokenGap { get; init; }

    /// <summary>Positions computed per step.</summary>
    public required HistogramSnapshot StepTokens { get; init; }

    public required StepStatistics PrefillSteps { get; init; }
    public required StepStatistics DecodeSteps { get; init; }
    public required StepStatistics MixedSteps { get; init; }
}

/// <summary>Steps of one kind.</summary>
/// <param name="Tokens">Positions computed.</param>
/// <param name="Time">That the device spent on them.</param>
/// <param name="Processors">Multiprocessors that the last of them had; 0 before the first, and where the device has none to count.</param>
/// <param name="ProcessorTime">Time by multiprocessors: two of them for a second are two seconds.</param>
public readonly record struct StepStatistics(long Count, long Tokens, TimeSpan Time, int Processors = 0, TimeSpan ProcessorTime = default);
