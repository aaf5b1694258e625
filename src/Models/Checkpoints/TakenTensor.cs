using System.Runtime.CompilerServices;

namespace Splitwiser.Models.Checkpoints;

/// <summary>A tensor of a mapped file and where its bytes lie there: in place, or to be copied from an odd address, or to be transposed.</summary>
internal readonly unsafe struct TakenTensor(Tensor tensor, byte* mapped, bool transposed)
{
    private const int PieceBytes = 16 << 20;
    private const int BlockRows = 32;

    private readonly byte* mapped = mapped;

    /// <summary>Its bytes are copied: from an odd address to a better one, or to be transposed.</summary>
    public bool IsCopied => tensor.Data != mapped;

    public nuint Address => (nuint)mapped;

    /// <summary>Copies the bytes, or reads one of every page, so that the first token does not wait for the disk.</summary>
    public IEnumerable<long> Load() => transposed ? LoadRows() : LoadBytes();

    private IEnumerable<long> LoadBytes()
    {
        for (var start = 0L; start < tensor.ByteCount; start += PieceBytes)
        {
            var length = Math.Min(PieceBytes, tensor.ByteCount - start);
            LoadPiece(start, length);
            yield return length;
        }
    }

    private void LoadPiece(long start, long length)
    {
        if (IsCopied)
        {
            Buffer.MemoryCopy(mapped + start, tensor.Data + start, length, length);
            return;
        }
        for (var at = 0L; at < length; at += Environment.SystemPageSize)
            Volatile.Read(ref mapped[start + at]);
    }

    private IEnumerable<long> LoadRows()
    {
        var (rows, rowBytes) = (tensor.Shape[0], tensor.ByteCount / tensor.Shape[0]);
        var step = (int)Math.Clamp(PieceBytes / rowBytes / BlockRows * BlockRows, BlockRows, int.MaxValue / 2);
        for (var first = 0; first < rows; first += step)
        {
            var count = Math.Min(step, rows - first);
            LoadRows(first, count);
            yield return count * rowBytes;
        }
    }

    private void LoadRows(int first, int count)
    {
        var (from, to, rows, columns, isWide) = ((nint)mapped, (nint)tensor.Data, tensor.Shape[0], tensor.Shape[1], tensor.Type.Size() == 4);
        Parallel.For(0, (count + BlockRows - 1) / BlockRows, block =>
        {
            var start = first + block * BlockRows;
            var end = Math.Min(first + count, start + BlockRows);
            if (isWide) Transpose((uint*)from, (uint*)to, start, end, rows, columns);
            else Transpose((ushort*)from, (ushort*)to, start, end, rows, columns);
        });
    }

    /// <summary>to[row, column] = from[column, row] for some rows; a few at a time, so that both sides use whole cache lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose<T>(T* from, T* to, int start, int end, long rows, long columns) where T : unmanaged
    {
        for (var column = 0L; column < columns; column++)
            for (var row = start; row < end; row++)
                to[row * columns + column] = Unsafe.ReadUnaligned<T>(from + column * rows + row);
    }
}
