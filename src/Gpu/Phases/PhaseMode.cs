namespace Splitwiser.Gpu.Phases;

/// <summary>How prefill and decode share one device. Admission and ordering are the same in every mode.</summary>
public enum PhaseMode
{
    /// <summary>The whole device while one phase has work; otherwise what a measured cost model says is best within the token-latency target.</summary>
    Adaptive,

    /// <summary>Turns: a slice of prefill, then a decode step.</summary>
    Serial,

    /// <summary>Mixed batches: decode rows and a chunk of prompt in one step, within a token budget.</summary>
    Chunked,

    /// <summary>Both lanes at once, unconfined.</summary>
    Streams,

    /// <summary>Both lanes at once, each confined to its own multiprocessors.</summary>
    Partition,
}
