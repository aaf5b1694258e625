namespace Splitwiser.Gpu.Cuda;

/// <summary>Y = X W^T (+ bias): a bandwidth reader for few rows, cuBLASLt above.</summary>
internal sealed class MatMul(ModelKernels kernels, BlasMatMul blas)
{
    private const int SkinnyOutputs = 16;       // of a block
    private const int SkinnyThreads = 256;
    private const int SkinnyPiece = 32;         // inputs come in pieces of this many

    /// <summary>Rows up to which the reader is used.</summary>
    public static int MostSkinnyRows => ModelKernels.SkinnyRows[^1];

    public void Run(CudaStream stream, in DeviceMatrix w, ulong x, ulong y, int rows, bool wide = false)
    {
        if (rows > MostSkinnyRows || w.Inputs % SkinnyPiece != 0)
        {
            blas.Run(stream, w, x, y, rows, wide);
            return;
        }
        var variant = 0;
        while (ModelKernels.SkinnyRows[variant] < rows) variant++;
        kernels.SkinnyGemm[variant].Launch(stream, new Grid((w.Outputs + SkinnyOutputs - 1) / SkinnyOutputs), SkinnyThreads,
            new SkinnyGemmParams(x, w.Weight, w.Bias, y, rows, w.Outputs, w.Inputs, wide ? 1 : 0), overlap: true);
    }
}
