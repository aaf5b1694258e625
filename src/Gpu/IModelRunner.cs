using System.Collections.Immutable;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;

namespace Splitwiser.Gpu;

/// <summary>
/// A model on a device: the seam between scheduling and computing. Weights and pages are shared by the lanes;
/// each lane is driven by one thread at a time and runs its steps in order, side by side with the other.
/// </summary>
public interface IModelRunner : IDisposable
{
    ModelConfig Model { get; }
    RunnerInfo Info { get; }

    /// <summary>
    /// Starts a step. A runner whose queue is one step deep returns it completed; a deeper one returns at once,
    /// and at most <see cref="RunnerInfo.QueueDepth"/> steps of a lane may be unread.
    /// Throws <see cref="DeviceFaultException"/> when the device failed.
    /// </summary>
    StepResult Run(Lane lane, StepPlan plan);

    /// <summary>
    /// Copies pages between the device and main memory, beside the lanes' steps, and returns when it is done. For each direction one
    /// thread at a time. The caller sees to it that meanwhile nobody writes what is read, nor reads or writes what is written.
    /// Throws <see cref="DeviceFaultException"/> when the device failed.
    /// </summary>
    void Copy(CopyDirection direction, ReadOnlySpan<PageCopy> copies);
}

/// <summary>What a runner is and can hold.</summary>
public sealed record RunnerInfo
{
    /// <summary>For people: "CPU, 16 threads, AVX-512" or the card's name.</summary>
    public required string DeviceName { get; init; }

    /// <summary>Memory of the device.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Streaming multiprocessors; 0 where it has none.</summary>
    public int Multiprocessors { get; init; }

    /// <summary>Pages of its key/value pool.</summary>
    public required int PageCount { get; init; }

    /// <summary>Bytes of one page, all layers, keys and values.</summary>
    public required long PageBytes { get; init; }

    /// <summary>Pages of main memory behind the pool, for <see cref="IModelRunner.Copy"/>; 0 for a runner that copies none.</summary>
    public int HostPageCount { get; init; }

    /// <summary>Most sampling rows of one step.</summary>
    public required int MaxRows { get; init; }

    /// <summary>Most positions of one step.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Steps of a lane that may be in flight: 1 when Run returns completed steps.</summary>
    public required int QueueDepth { get; init; }

    /// <summary>It fills <see cref="Sequence.Probe"/>, with a step's part when the step was waited for.</summary>
    public bool Probes { get; init; }

    /// <summary>Most likely tokens that it reports of a position at most.</summary>
    public int MaxTopLogprobs { get; init; } = int.MaxValue;

    /// <summary>How its multiprocessors can be split between the phases: what <see cref="PhaseMode.Partition"/> chooses from.</summary>
    public ImmutableArray<SmSplit> Splits { get; init; } = [];

    /// <summary>Why it has no splits; null where it has some, or where none were asked for.</summary>
    public string? SplitProblem { get; init; }

    /// <summary>The modes that the device has mechanisms for.</summary>
    public required IReadOnlySet<PhaseMode> Modes { get; init; }
}
