namespace Splitwiser.Gpu.Phases;

/// <summary>Where a sequence is on its way through a device.</summary>
public enum SequencePhase
{
    /// <summary>Waits for its first pages.</summary>
    Queued,

    /// <summary>Has all of its prompt's pages; some are being copied from main memory.</summary>
    Restoring,

    /// <summary>Has all of its prompt's pages; the prefill lane computes them.</summary>
    Prefilling,

    /// <summary>Its first token is known and decode owns its pages.</summary>
    Decoding,

    /// <summary>Loses its pages as soon as no step in flight touches them.</summary>
    Preempting,

    /// <summary>Waits, ahead of new prompts, for pages to be prefilled again.</summary>
    Preempted,

    /// <summary>Has ended; its pages go back as soon as no step in flight touches them.</summary>
    Ending,

    /// <summary>Has ended and holds nothing.</summary>
    Ended,
}

internal static class SequencePhases
{
    /// <summary>The phase moved to; throws InvalidOperationException for a move that no sequence makes.</summary>
    public static SequencePhase To(this SequencePhase from, SequencePhase to) => (from, to) switch
    {
        (SequencePhase.Queued, SequencePhase.Restoring or SequencePhase.Prefilling or SequencePhase.Ended) => to,
        (SequencePhase.Restoring, SequencePhase.Prefilling or SequencePhase.Preempting or SequencePhase.Ending) => to,
        (SequencePhase.Prefilling, SequencePhase.Decoding or SequencePhase.Preempting or SequencePhase.Ending) => to,
        (SequencePhase.Decoding, SequencePhase.Preempting or SequencePhase.Ending) => to,
        (SequencePhase.Preempting, SequencePhase.Preempted or SequencePhase.Ending) => to,
        (SequencePhase.Preempted, SequencePhase.Restoring or SequencePhase.Prefilling or SequencePhase.Ended) => to,
        (SequencePhase.Ending, SequencePhase.Ended) => to,
        _ => throw new InvalidOperationException($"A sequence can't go from {from} to {to}."),
    };
}
