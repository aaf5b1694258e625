namespace Splitwiser.Gpu.Cuda;

/// <summary>How much of a GPU a runner takes and how it computes.</summary>
public sealed record CudaRunnerOptions
{
    /// <summary>Share of the card's memory that weights, arenas and pages may take together.</summary>
    public double MemoryUtilization { get; init; } = 0.9;

    /// <summary>Pages of the pool; null for as many as the memory holds.</summary>
    public int? PageCount { get; init; }

    /// <summary>Pages of pinned main memory that keep what the pool has no room for.</summary>
    public int HostPageCount { get; init; }

    /// <summary>Most positions of one sequence; null for the model's own limit.</summary>
    public int? MaxModelLength { get; init; }

    /// <summary>Most sampling rows of one step.</summary>
    public int MaxRows { get; init; } = 256;

    /// <summary>Most positions of one step.</summary>
    public int MaxTokens { get; init; } = 8192;

    /// <summary>Slots: most sequences that run at once.</summary>
    public int MaxSequences { get; init; } = 256;

    /// <summary>Steps of a lane that may be in flight.</summary>
    public int QueueDepth { get; init; } = 2;

    /// <summary>Decode steps run as CUDA graphs, captured once per batch and context size.</summary>
    public bool Graphs { get; init; } = true;

    /// <summary>Decode steps of a few rows run as one kernel where the card and the model allow it and the other lane is idle; never with BatchInvariant.</summary>
    public bool WholeSteps { get; init; } = true;

    /// <summary>Times cuBLASLt's algorithms at the first start on a card and remembers the fastest; otherwise the library's first guess is taken.</summary>
    public bool Tune { get; init; } = true;

    /// <summary>
    /// Splits of the multiprocessors to prebuild, each by the least that decode has in it; null for those that suit the card, none for a
    /// runner that never confines a phase.
    /// </summary>
    public IReadOnlyList<int>? Splits { get; init; } = [];

    /// <summary>In a split, decode has its own part. Otherwise only prefill is confined, and decode goes first on all multiprocessors.</summary>
    public bool ConfinesDecode { get; init; } = true;

    /// <summary>
    /// A row's bits depend on its own tokens only, not on what is computed beside it or how its prompt is cut: products are
    /// computed in pieces of a fixed number of rows without split sums, and decode attention splits the keys at fixed positions. Costs speed.
    /// </summary>
    public bool BatchInvariant { get; init; }

    /// <summary>Where compiled kernels and chosen algorithms are kept; null for the user's cache folder.</summary>
    public string? KernelCache { get; init; }

    /// <summary>The user's cache folder.</summary>
    public static string DefaultKernelCache => KernelCompiler.DefaultCacheFolder;

    /// <summary>Positions that a sequence may have, the ones launched ahead included.</summary>
    internal int ModelLength(Models.ModelConfig model) => Math.Min(MaxModelLength ?? model.MaxPositions, model.MaxPositions) + Sequence.Lookahead;

    internal CudaRunnerOptions Checked()
    {
        if (MemoryUtilization is not (> 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(MemoryUtilization), MemoryUtilization, "A share of the memory, above 0 and up to 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(PageCount ?? 1, 1, nameof(PageCount));
        ArgumentOutOfRangeException.ThrowIfNegative(HostPageCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxModelLength ?? 1, 1, nameof(MaxModelLength));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxTokens, MaxRows);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSequences, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueDepth, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(QueueDepth, Sequence.Lookahead);
        return this;
    }
}
