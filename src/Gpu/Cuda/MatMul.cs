using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>Y = X W^T (+ bias): a bandwidth reader for few rows, which can also normalise X, add a residual or gate the result; cuBLASLt above.</summary>
internal sealed class MatMul(ModelKernels kernels, BlasMatMul blas)
{
    private const int SkinnyRowsOfW = 16;       // of a block
    private const int SkinnyThreads = 256;
    private const int SkinnyPiece = 32;         // inputs come in pieces of this many

    /// <summary>Rows up to which the reader is used.</summary>
    public static int MostSkinnyRows => ModelKernels.SkinnyRows[^1];

    /// <summary>The reader takes every product of a layer.</summary>
    public static bool Fuses(ModelConfig model, int rows) =>
        rows <= MostSkinnyRows && model.HiddenSize % SkinnyPiece == 0 && model.QuerySize % SkinnyPiece == 0 && model.IntermediateSize % SkinnyPiece == 0 && !model.MlpBias;

    public void Run(CudaStream stream, in DeviceMatrix w, ulong x, ulong y, int rows, bool wide = false)
    {
        if (rows > MostSkinnyRows || w.Inputs % SkinnyPiece != 0) blas.Run(stream, w, x, y, rows, wide);
        else Read(stream, new SkinnyGemmParams(x, w.Weight, w.Bias, 0, 0, y, rows, w.Outputs, w.Inputs, wide ? 1 : 0, 0, 0));
    }

    /// <summary>Y = RMSNorm(X) W^T (+ bias).</summary>
    public void RunNormed(CudaStream stream, in DeviceMatrix w, ulong x, ulong norm, float epsilon, ulong y, int rows) =>
        Read(stream, new SkinnyGemmParams(x, w.Weight, w.Bias, norm, 0, y, rows, w.Outputs, w.Inputs, 0, 0, epsilon));

    /// <summary>Y = silu(g) * u, where g and u are the halves of RMSNorm(X) W^T.</summary>
    public void RunNormedAndGated(CudaStream stream, in DeviceMatrix w, ulong x, ulong norm, float epsilon, ulong y, int rows) =>
        Read(stream, new SkinnyGemmParams(x, w.Weight, 0, norm, 0, y, rows, w.Outputs / 2, w.Inputs, 0, 1, epsilon));

    /// <summary>Y += X W^T (+ bias).</summary>
    public void RunAdding(CudaStream stream, in DeviceMatrix w, ulong x, ulong y, int rows) =>
        Read(stream, new SkinnyGemmParams(x, w.Weight, w.Bias, 0, y, y, rows, w.Outputs, w.Inputs, 0, 0, 0));

    private void Read(CudaStream stream, in SkinnyGemmParams parameters)
    {
        var variant = 0;
        while (ModelKernels.SkinnyRows[variant] < parameters.Rows) variant++;
        var owned = parameters.Gated != 0 ? SkinnyRowsOfW / 2 : SkinnyRowsOfW;
        kernels.SkinnyGemm[variant].Launch(stream, new Grid((parameters.N + owned - 1) / owned), SkinnyThreads, parameters, overlap: true);
    }
}
