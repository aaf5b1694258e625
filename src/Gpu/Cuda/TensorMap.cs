using System.Runtime.InteropServices;
using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Cuda;

/// <summary>CUtensorMap: opaque, 128 bytes; tells the tensor copy engine of sm_90 where a matrix lies and which boxes are copied from it.</summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal unsafe struct TensorMap
{
    private const int BFloat16 = 9, NoInterleave = 0, Swizzle128 = 3, Promotion256 = 3, FillZeros = 0;
    private const int Alignment = 64;
    private const uint BoxColumns = 64;         // 128 bytes, the widest that the swizzle takes

    public fixed ulong Opaque[16];

    /// <summary>Rows of bf16, copied in boxes of one page's tokens and 64 columns.</summary>
    public static TensorMap Of(ulong address, long rows, int columns)
    {
        var aligned = (TensorMap*)NativeMemory.AlignedAlloc((nuint)sizeof(TensorMap), Alignment);
        try
        {
            ulong* sizes = stackalloc ulong[] { (ulong)columns, (ulong)rows };
            var stride = (ulong)columns * 2;
            uint* box = stackalloc uint[] { BoxColumns, PageId.Size };
            uint* every = stackalloc uint[] { 1, 1 };
            Cuda.Check(CudaDriver.cuTensorMapEncodeTiled(aligned, BFloat16, 2, address, sizes, &stride, box, every, NoInterleave, Swizzle128, Promotion256, FillZeros));
            return *aligned;
        }
        finally
        {
            NativeMemory.AlignedFree(aligned);
        }
    }
}
