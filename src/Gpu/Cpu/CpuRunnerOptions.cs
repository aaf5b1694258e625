namespace Splitwiser.Gpu.Cpu;

/// <summary>Sizes of a CPU runner; memory is reserved for them at the start and costs nothing until touched.</summary>
public sealed record CpuRunnerOptions
{
    /// <summary>Threads that compute, the lanes' own included; at least 1. They change the speed, never a bit.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Pages of the key/value pool.</summary>
    public required int PageCount { get; init; }

    /// <summary>Pages of main memory that keep what the pool has no room for.</summary>
    public int HostPageCount { get; init; }

    /// <summary>Most sampling rows of one step.</summary>
    public required int MaxRows { get; init; }

    /// <summary>Most positions of one step.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Most running sequences: their slots are below it.</summary>
    public required int MaxSequences { get; init; }
}
