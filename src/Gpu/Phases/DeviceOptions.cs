namespace Splitwiser.Gpu.Phases;

/// <summary>How a device worker schedules. Checked when the worker starts, never changed.</summary>
public sealed record DeviceOptions
{
    public PhaseMode Mode { get; init; } = PhaseMode.Adaptive;

    /// <summary>Most tokens of a sequence, prompt and output. The model's own limit and the size of the pool apply too.</summary>
    public int MaxModelLength { get; init; } = 4096;

    /// <summary>Most sequences that hold pages at a time. The runner's rows apply too.</summary>
    public int MaxSequences { get; init; } = 64;

    /// <summary>Most positions of one step, prompt chunks and decode rows together. The runner's limit applies too.</summary>
    public int MaxBatchedTokens { get; init; } = 2048;

    /// <summary>Prompt positions of one turn while sequences decode (serial mode; the adaptive one finds its own).</summary>
    public int PrefillSlice { get; init; } = 256;

    /// <summary>Most prompts that wait for their first pages; more are refused.</summary>
    public int QueueLimit { get; init; } = 256;

    /// <summary>
    /// The wait for a first token that others may cause: a prompt that they would keep waiting for longer, as far as can be predicted, is refused.
    /// Null for any.
    /// </summary>
    public TimeSpan? TtftTarget { get; init; }

    /// <summary>Prompts share the pages of equal beginnings.</summary>
    public bool PrefixCaching { get; init; } = true;

    /// <summary>Pages of main memory that keep what the pool has no room for; 0 for none. The runner must have them.</summary>
    public int HostPages { get; init; }

    /// <summary>Most pages that pins may keep in the cache.</summary>
    public int MaxPinnedPages { get; init; }

    /// <summary>A sequence whose output nobody attached to for this long after its handoff is dropped.</summary>
    public TimeSpan HandoffTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A sequence whose output was attached to and then not read for this long is dropped.</summary>
    public TimeSpan ConsumerIdleTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The time between two tokens of a sequence that the adaptive mode keeps where it can.</summary>
    public TimeSpan ItlTarget { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>While the last prompt in the queue would wait for longer than this, the adaptive mode stretches <see cref="ItlTarget"/>.</summary>
    public TimeSpan BacklogWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Partition mode: the least multiprocessors of decode; null for a quarter of them.</summary>
    public int? DecodeProcessors { get; init; }

    /// <summary>Where the adaptive mode keeps what it has learned of a device and a model; null for nowhere.</summary>
    public string? CostFolder { get; init; }

    /// <summary>Throws ArgumentOutOfRangeException that names the option.</summary>
    internal DeviceOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxModelLength, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSequences, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchedTokens, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(PrefillSlice, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueLimit, 1);
        if (TtftTarget is { } target) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(target, TimeSpan.Zero, nameof(TtftTarget));
        ArgumentOutOfRangeException.ThrowIfNegative(HostPages);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxPinnedPages);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HandoffTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConsumerIdleTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ItlTarget, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(BacklogWait, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(DecodeProcessors ?? 1, 1, nameof(DecodeProcessors));
        if (!Enum.IsDefined(Mode)) throw new ArgumentOutOfRangeException(nameof(Mode), Mode, "No such mode.");
        return this;
    }
}
