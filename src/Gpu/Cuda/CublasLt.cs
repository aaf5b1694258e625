using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>cuBLASLt, as far as it is used: bf16 matrix products with f32 accumulation.</summary>
internal static unsafe partial class CublasLt
{
    private const string Library = NativeLibraries.Blas;

    static CublasLt() => NativeLibraries.Register();

    [LibraryImport(Library)] internal static partial int cublasLtCreate(out nint handle);
    [LibraryImport(Library)] internal static partial int cublasLtDestroy(nint handle);
    [LibraryImport(Library)] internal static partial nuint cublasLtGetVersion();
    [LibraryImport(Library)] private static partial nint cublasLtGetStatusString(int status);
    [LibraryImport(Library)] internal static partial int cublasLtMatmulDescCreate(out nint description, int computeType, int scaleType);
    [LibraryImport(Library)] internal static partial int cublasLtMatmulDescDestroy(nint description);
    [LibraryImport(Library)] internal static partial int cublasLtMatmulDescSetAttribute(nint description, MatmulAttribute attribute, void* value, nuint size);
    [LibraryImport(Library)] internal static partial int cublasLtMatrixLayoutCreate(out nint layout, int type, ulong rows, ulong columns, long leading);
    [LibraryImport(Library)] internal static partial int cublasLtMatrixLayoutDestroy(nint layout);
    [LibraryImport(Library)] internal static partial int cublasLtMatmulPreferenceCreate(out nint preference);
    [LibraryImport(Library)] internal static partial int cublasLtMatmulPreferenceDestroy(nint preference);
    [LibraryImport(Library)] internal static partial int cublasLtMatmulPreferenceSetAttribute(nint preference, int attribute, void* value, nuint size);
    [LibraryImport(Library)]
    internal static partial int cublasLtMatmulAlgoGetHeuristic(
        nint handle, nint description, nint a, nint b, nint c, nint d, nint preference, int requested, MatmulHeuristic* results, out int returned);
    [LibraryImport(Library)]
    internal static partial int cublasLtMatmulAlgoCheck(
        nint handle, nint description, nint a, nint b, nint c, nint d, MatmulAlgorithm* algorithm, MatmulHeuristic* result);
    [LibraryImport(Library)]
    internal static partial int cublasLtMatmul(
        nint handle, nint description, void* alpha, ulong a, nint aLayout, ulong b, nint bLayout, void* beta, ulong c, nint cLayout,
        ulong d, nint dLayout, MatmulAlgorithm* algorithm, ulong workspace, nuint workspaceBytes, nint stream);

    internal const int Compute32F = 68;
    internal const int Float32 = 0;
    internal const int BFloat16 = 14;
    internal const int PreferenceMaxWorkspaceBytes = 1;
    internal const int PreferenceReductionSchemes = 3;

    internal static void Check(int status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != 0) throw new CudaException((CudaResult)status, $"{Marshal.PtrToStringUTF8(cublasLtGetStatusString(status))} from {call}");
    }
}

internal enum MatmulAttribute
{
    TransposeA = 3,
    TransposeB = 4,
    Epilogue = 7,
    BiasPointer = 8,
    SmCountTarget = 15,
}

/// <summary>cublasLtMatmulAlgo_t: opaque, 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal unsafe struct MatmulAlgorithm
{
    public fixed ulong Data[8];
}

/// <summary>cublasLtMatmulHeuristicResult_t: 96 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 96)]
internal struct MatmulHeuristic
{
    [FieldOffset(0)] public MatmulAlgorithm Algorithm;
    [FieldOffset(64)] public nuint WorkspaceBytes;
    [FieldOffset(72)] public int State;
    [FieldOffset(76)] public float Waves;
}
