using System.Collections.Immutable;

namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// A split of a card: two green contexts whose multiprocessors have nothing in common, prebuilt, so that changing over is a matter of streams.
/// Prefill has the part that is sure to hold clusters of blocks, as its matrix products use them; decode has the rest.
/// Partitions of one card overlap each other: only the two phases of one are apart.
/// </summary>
internal sealed class SmPartition : IDisposable
{
    private readonly GreenContext decode, prefill;

    private SmPartition(CudaDevice device, SmSplit wanted)
    {
        var (part, rest) = GreenContext.Split(device, wanted.Prefill);
        prefill = new GreenContext(device, part);
        try
        {
            decode = new GreenContext(device, rest);
        }
        catch
        {
            prefill.Dispose();
            throw;
        }
    }

    /// <summary>As the driver made it.</summary>
    public SmSplit Split => new(decode.SmCount, prefill.SmCount);

    public GreenContext this[Lane lane] => lane == Lane.Prefill ? prefill : decode;

    /// <summary>Builds the wanted splits. The primary context must be current.</summary>
    /// <param name="problem">Why there are none where some were wanted.</param>
    public static ImmutableArray<SmPartition> Build(CudaDevice device, ImmutableArray<SmSplit> wanted, out string? problem)
    {
        problem = wanted.IsEmpty ? null : GreenContext.Problem;
        if (wanted.IsEmpty || problem is not null) return [];
        var built = new List<SmPartition>();
        try
        {
            foreach (var split in wanted)
            {
                var partition = new SmPartition(device, split);
                if (built.Exists(other => other.Split == partition.Split)) partition.Dispose();     // the driver rounds
                else built.Add(partition);
            }
            return [.. built];
        }
        catch (CudaException error)
        {
            foreach (var partition in built) partition.Dispose();
            problem = $"{device.Name} can't be parted: {error.Message}";
            return [];
        }
    }

    /// <summary>What is wrong with the multiprocessors that the two streams of a split were seen to run on; null when nothing is.</summary>
    public static string? Flaw(SmSplit split, SmSet decode, SmSet prefill) =>
        decode.Count != split.Decode ? $"Decode of {split} ran on {decode.Count} multiprocessors: {decode}."
        : prefill.Count != split.Prefill ? $"Prefill of {split} ran on {prefill.Count} multiprocessors: {prefill}."
        : decode.Overlaps(prefill) ? $"Both phases of {split} ran on the same multiprocessors: {decode} and {prefill}."
        : null;

    public void Dispose()
    {
        decode.Dispose();
        prefill.Dispose();
    }
}
