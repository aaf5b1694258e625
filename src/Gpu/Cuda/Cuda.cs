using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>The one check of driver calls.</summary>
internal static unsafe class Cuda
{
    /// <summary>Throws <see cref="CudaException"/> naming the failed call unless it succeeded.</summary>
    public static void Check(CudaResult result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != CudaResult.Success) Throw(result, call);
    }

    private static void Throw(CudaResult result, string call)
    {
        var name = CudaDriver.cuGetErrorName(result, out var n) == CudaResult.Success ? Marshal.PtrToStringUTF8((nint)n) : null;
        var text = CudaDriver.cuGetErrorString(result, out var t) == CudaResult.Success ? Marshal.PtrToStringUTF8((nint)t) : null;
        throw new CudaException(result, $"{name ?? $"CUDA error {(int)result}"} ({text ?? "no description"}) from {call}");
    }
}

/// <summary>A call into NVIDIA's libraries failed.</summary>
internal sealed class CudaException(CudaResult result, string message) : Exception(message)
{
    public CudaResult Result { get; } = result;
}
