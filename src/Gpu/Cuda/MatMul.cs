using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>Y = X W^T (+ bias): a bandwidth reader for few rows, which can also add a residual or gate the result; cuBLASLt above.</summary>
/// <param name="invariant">All products by cuBLASLt, whatever the number of rows: <see cref="CudaRunnerOptions.BatchInvariant"/>.</param>
internal sealed class MatMul(ModelKernels kernels, BlasMatMul blas, int processors, bool invariant = false)
{
    private const int SkinnyRowsOfW = 16;       // of a block
    private const int SkinnyThreads = 256;
    private const int SkinnyPiece = 32;         // inputs come in pieces of this many
    private const int SkinnyBlocks = 3;         // of a processor

    /// <summary>Rows up to which the reader is used: above, cuBLASLt was as fast on an H100, and faster from 16 on.</summary>
    public const int MostSkinnyRows = 4;

    /// <summary>The reader takes every product of a layer, and adds those of the blocks' ends to the residual stream.</summary>
    public bool Fuses(ModelConfig model, int rows) =>
        !invariant && rows <= MostSkinnyRows && model.HiddenSize % SkinnyPiece == 0 && model.QuerySize % SkinnyPiece == 0 && model.IntermediateSize % SkinnyPiece == 0
        && model.NormPlacement == NormPlacement.Before;

    /// <summary>The reader knows the model's gate.</summary>
    public static bool Gates(ModelConfig model) => model is { GatedMlp: true, Activation: Activation.Silu, MlpBias: false };

    public void Run(CudaStream stream, in DeviceMatrix w, ulong x, ulong y, int rows, bool wide = false)
    {
        if (invariant || rows > MostSkinnyRows || w.Inputs % SkinnyPiece != 0) blas.Run(stream, w, x, y, rows, wide);
        else Read(stream, new SkinnyGemmParams(x, w.Weight, w.Bias, 0, y, rows, w.Outputs, w.Inputs, wide ? 1 : 0, 0));
    }

    /// <summary>Y = silu(g) * u, where g and u are the halves of X W^T. <see cref="Fuses"/> and <see cref="Gates"/> must say so.</summary>
    public void RunGated(CudaStream stream, in DeviceMatrix w, ulong x, ulong y, int rows) =>
        Read(stream, new SkinnyGemmParams(x, w.Weight, 0, 0, y, rows, w.Outputs / 2, w.Inputs, 0, 1));

    /// <summary>Y += X W^T (+ bias). <see cref="Fuses"/> must say so.</summary>
    public void RunAdding(CudaStream stream, in DeviceMatrix w, ulong x, ulong y, int rows) =>
        Read(stream, new SkinnyGemmParams(x, w.Weight, w.Bias, y, y, rows, w.Outputs, w.Inputs, 0, 0));

    private void Read(CudaStream stream, in SkinnyGemmParams parameters)
    {
        var owned = parameters.Gated != 0 ? SkinnyRowsOfW / 2 : SkinnyRowsOfW;
        var tiles = (parameters.N + owned - 1) / owned;
        kernels.SkinnyGemm.Launch(stream, new Grid(Math.Min(tiles, SkinnyBlocks * processors)), SkinnyThreads, parameters, overlap: true);
    }
}
