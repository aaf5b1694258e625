namespace Splitwiser.Models.Checkpoints;

/// <summary>A tensor of a mapped file and where its bytes lie there: in place, or to be copied from an odd address.</summary>
internal readonly unsafe struct TakenTensor(Tensor tensor, byte* mapped)
{
    private const int PieceBytes = 16 << 20;

    private readonly byte* mapped = mapped;

    /// <summary>Its bytes lie at an odd address and are copied to a better one.</summary>
    public bool IsCopied => tensor.Data != mapped;

    public nuint Address => (nuint)mapped;

    /// <summary>Copies the bytes, or reads one of every page, so that the first token does not wait for the disk.</summary>
    public IEnumerable<long> Load()
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
}
