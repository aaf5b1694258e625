using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Splitwiser.Models;

/// <summary>
/// One weight tensor, row-major, in the checkpoint's own element type. It points into memory that its
/// <see cref="DecoderWeights"/> owns: whoever keeps <see cref="Data"/> keeps the weights, too, and does not dispose them.
/// </summary>
public sealed unsafe class Tensor
{
    private readonly SafeBuffer memory;   // keeps the bytes from being collected, tells when they are gone
    private readonly byte* data;
    private readonly long offset;         // of data in the memory

    internal Tensor(string name, ElementType type, ImmutableArray<int> shape, SafeBuffer memory, long offset)
    {
        Name = name;
        Type = type;
        Shape = shape;
        ElementCount = shape.Aggregate(1L, (product, size) => checked(product * size));
        this.memory = memory;
        this.offset = offset;
        data = (byte*)memory.DangerousGetHandle() + offset;
    }

    /// <summary>The name in the checkpoint.</summary>
    public string Name { get; }

    public ElementType Type { get; }
    public ImmutableArray<int> Shape { get; }
    public long ElementCount { get; }
    public long ByteCount => ElementCount * Type.Size();

    /// <summary>(ByteCount) read-only, aligned to the element's size and to no more: wider loads must be unaligned ones.</summary>
    /// <exception cref="ObjectDisposedException">The weights were disposed.</exception>
    public byte* Data
    {
        get
        {
            ObjectDisposedException.ThrowIf(memory.IsClosed, this);
            return data;
        }
    }

    /// <summary>A part of it along the first dimension, in the same memory.</summary>
    public Tensor Rows(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Shape[0] - first);
        return new Tensor($"{Name}[{first}..{first + count}]", Type, Shape.SetItem(0, count), memory, offset + ByteCount / Shape[0] * first);
    }

    /// <summary>The elements from <paramref name="start"/> on, as many as the destination takes, as singles (exact for all types).</summary>
    public void CopyTo(Span<float> destination, long start = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, ElementCount - start);
        var source = Data + start * Type.Size();
        switch (Type)
        {
            case ElementType.F32:
                new ReadOnlySpan<float>(source, destination.Length).CopyTo(destination);
                break;
            case ElementType.F16:
                for (var i = 0; i < destination.Length; i++)
                    destination[i] = (float)((Half*)source)[i];
                break;
            default:
                for (var i = 0; i < destination.Length; i++)
                    destination[i] = BitConverter.UInt32BitsToSingle((uint)((ushort*)source)[i] << 16);
                break;
        }
    }

    public override string ToString() => $"{Name} {Type} [{string.Join(", ", Shape)}]";
}
