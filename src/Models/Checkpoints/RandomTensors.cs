using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Splitwiser.Models.Checkpoints;

/// <summary>
/// Made-up bf16 weights for a config without a checkpoint: projections and embeddings near normal with deviation 0.02 (what
/// most families are initialized with), norms around 1, so that activations and logits keep sane sizes. An element depends on
/// seed, tensor and index alone, however many threads fill.
/// </summary>
/// <param name="normOffset">What the model adds to its norms' weights.</param>
internal sealed unsafe class RandomTensors(int seed, float normOffset) : ITensorSource
{
    private const float Deviation = 0.02f;
    private const int Chunk = 1 << 17;         // elements that one thread fills at a time
    private const int Piece = 64 * Chunk;      // elements between two reports

    private readonly List<(Tensor Tensor, NativeBlock Block)> tensors = [];
    private readonly long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    private long total;

    public Tensor Take(string name, params ImmutableArray<int> shape)
    {
        var bytes = shape.Aggregate(2L, (product, size) => checked(product * size));
        total += bytes;
        if (total > memory)   // the allocation itself would succeed and the filling end the process
            throw new InsufficientMemoryException($"Random weights up to {name} take {total >> 20} MiB; this machine has {memory >> 20} MiB.");
        var block = new NativeBlock(bytes);
        var tensor = new Tensor(name, ElementType.BF16, shape, block, 0);
        tensors.Add((tensor, block));
        return tensor;
    }

    /// <summary>None: a model of random weights has nothing beyond what it must have.</summary>
    public Tensor? Find(string name, params ImmutableArray<int> shape) => null;

    public Tensor TakeTransposed(string name, int inputs, int outputs) => Take(name, outputs, inputs);

    public bool Has(string name) => false;

    public IEnumerable<long> Load(bool readThrough) => tensors.SelectMany((_, i) => Load(i));

    public void Dispose() => tensors.ForEach(tensor => tensor.Block.Dispose());

    private IEnumerable<long> Load(int index)
    {
        var (tensor, block) = tensors[index];
        var mean = tensor.Shape.Length == 1 && tensor.Name.EndsWith(".weight", StringComparison.Ordinal) ? 1 - normOffset : 0f;      // only norms have vectors of weights
        var key = Mix(((ulong)(uint)seed << 32) | (uint)index);
        for (var start = 0L; start < tensor.ElementCount; start += Piece)
        {
            var end = Math.Min(tensor.ElementCount, start + Piece);
            Parallel.For(start / Chunk, (end + Chunk - 1) / Chunk, chunk => Fill(block, chunk * Chunk, Math.Min(end, (chunk + 1) * Chunk), mean, key));
            yield return (end - start) * tensor.Type.Size();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // or the first chunks, seconds of them, run unoptimized
    private static void Fill(NativeBlock block, long start, long end, float mean, ulong key)
    {
        var elements = (ushort*)block.Data;
        // The sum of four uniform 16-bit numbers has mean 131070 and deviation 65536 / sqrt(3).
        const float scale = Deviation / 37837.2f;
        for (var i = start; i < end; i++)
        {
            var bits = Mix(key + (ulong)i);
            var sum = (int)((bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48));
            var single = BitConverter.SingleToUInt32Bits(mean + (sum - 131070) * scale);
            elements[i] = (ushort)((single + 0x7FFF + ((single >> 16) & 1)) >> 16);   // to bf16, ties to even
        }
    }

    /// <summary>One step of SplitMix64 (Steele, Lea, Flood 2014): a bijection that scatters neighbouring numbers.</summary>
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
