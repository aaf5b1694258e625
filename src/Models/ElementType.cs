namespace Splitwiser.Models;

/// <summary>How one element of a weight tensor is stored: little-endian IEEE 754 single, half, or the upper half of a single.</summary>
public enum ElementType
{
    F32,
    F16,
    BF16,
}

public static class ElementTypeSize
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this ElementType type) => type == ElementType.F32 ? 4 : 2;
}
