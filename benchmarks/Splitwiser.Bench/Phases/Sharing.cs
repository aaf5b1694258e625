using Splitwiser.Gpu;
using Splitwiser.Gpu.Phases;
using static System.FormattableString;

namespace Splitwiser.Bench.Phases;

/// <summary>A way to share the device: a mode, and what its sweep varies.</summary>
/// <param name="Amount">Serial: prompt tokens of a turn; chunked: prompt tokens of a mixed step; adaptive: the target between tokens in milliseconds; partition: multiprocessors of decode; null for a mode without a dial.</param>
internal sealed record Sharing(PhaseMode Mode, double? Amount = null)
{
    public string Setting => (Mode, Amount) switch
    {
        (_, null) => "",
        (PhaseMode.Serial, { } slice) => Invariant($"slice {slice}"),
        (PhaseMode.Chunked, { } chunk) => Invariant($"chunk {chunk}"),
        (PhaseMode.Partition, { } decode) => Invariant($"decode on {decode} SMs"),
        (_, { } target) => Invariant($"target {target:0.##} ms"),
    };

    public string Name => $"{Mode} {Setting}".TrimEnd();

    /// <param name="basis">Options that all ways have in common.</param>
    /// <param name="decodes">Sequences that decode: a mixed step holds them and the chunk.</param>
    public DeviceOptions Configure(DeviceOptions basis, int decodes) => (Mode, Amount) switch
    {
        (_, null) => basis with { Mode = Mode },
        (PhaseMode.Serial, { } slice) => basis with { Mode = Mode, PrefillSlice = (int)slice },
        (PhaseMode.Chunked, { } chunk) => basis with { Mode = Mode, MaxBatchedTokens = (int)chunk + decodes },
        (PhaseMode.Adaptive, { } target) => basis with { Mode = Mode, ItlTarget = TimeSpan.FromMilliseconds(target) },
        (PhaseMode.Partition, { } decode) => basis with { Mode = Mode, DecodeProcessors = (int)decode },
        _ => throw new InvalidOperationException($"{Mode} has no dial."),
    };

    /// <summary>The options of one way at each of its settings.</summary>
    public static IEnumerable<Sharing> Sweep(PhaseMode mode, IReadOnlyList<int> slices, IReadOnlyList<int> chunks, IReadOnlyList<double> targets, IReadOnlyList<SmSplit> splits) => mode switch
    {
        PhaseMode.Serial => slices.Select(slice => new Sharing(mode, slice)),
        PhaseMode.Chunked => chunks.Select(chunk => new Sharing(mode, chunk)),
        PhaseMode.Adaptive => targets.Select(target => new Sharing(mode, target)),
        PhaseMode.Partition => splits.Select(split => new Sharing(mode, split.Decode)),
        _ => [new Sharing(mode)],
    };
}
