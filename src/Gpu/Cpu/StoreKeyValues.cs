using System.Runtime.CompilerServices;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// Writes the keys and values of a batch into its sequences' pages: K[i, slot] = k[t,i], V[slot, i] = v[t,i], slot = position mod 32.
/// A part is 8 rows. Bound: memory, 16 * rows * kv heads * d bytes.
/// </summary>
internal readonly unsafe struct StoreKeyValues : IKernel
{
    private const int RowsPerPart = 8;

    /// <summary>(rows)</summary>
    public required BatchRow[] Batch { get; init; }

    /// <summary>(rows, kv heads, d), rows <see cref="Stride"/> apart.</summary>
    public required float* Keys { get; init; }

    /// <summary>(rows, kv heads, d), rows <see cref="Stride"/> apart.</summary>
    public required float* Values { get; init; }

    public required int Stride { get; init; }
    public required int Rows { get; init; }
    public required int KvHeads { get; init; }
    public required int HeadSize { get; init; }
    public required KvPages Pages { get; init; }
    public required int Layer { get; init; }

    public int Parts => (Rows + RowsPerPart - 1) / RowsPerPart;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Part(int index)
    {
        for (var row = index * RowsPerPart; row < Math.Min(Rows, (index + 1) * RowsPerPart); row++)
        {
            var (page, slot) = (Batch[row].Sequence.Pages[Batch[row].Position / PageId.Size], Batch[row].Position % PageId.Size);
            for (var head = 0; head < KvHeads; head++)
            {
                var offset = (long)row * Stride + head * HeadSize;
                var keys = Pages.Keys(page, Layer, head) + slot;
                for (var i = 0; i < HeadSize; i++) keys[i * PageId.Size] = Keys[offset + i];
                var values = Pages.Values(page, Layer, head) + slot * Pages.ValueStride;
                for (var i = 0; i < HeadSize; i += Lanes.Width) Lanes.Store(Lanes.Load(Values + offset + i, HeadSize - i), values + i, HeadSize - i);
            }
        }
    }
}
