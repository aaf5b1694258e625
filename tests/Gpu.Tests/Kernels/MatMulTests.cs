using Splitwiser.Gpu.Cuda;

namespace Splitwiser.Gpu.Tests.Kernels;

/// <summary>Y = X W^T (+ bias) by the bandwidth reader and by cuBLASLt, at sizes that fill no tile.</summary>
public sealed class MatMulTests
{
    [Theory]
    [InlineData(1, 64, 32, false, false), InlineData(3, 200, 160, true, false), InlineData(8, 6144, 4096, false, false), InlineData(9, 517, 704, false, true)]
    [InlineData(16, 4096, 14336, false, false), InlineData(17, 1000, 96, true, true), InlineData(32, 333, 2048, true, false)]
    public void Few_rows(int rows, int outputs, int inputs, bool biased, bool wide) => Check(rows, outputs, inputs, biased, wide);

    [Theory]
    [InlineData(33, 6144, 4096, false, false), InlineData(77, 512, 64, true, false), InlineData(200, 4096, 160, false, true), InlineData(5, 100, 72, true, false), InlineData(300, 1024, 704, true, false)]
    public void Many_rows_or_odd_inputs(int rows, int outputs, int inputs, bool biased, bool wide) => Check(rows, outputs, inputs, biased, wide);

    private static void Check(int rows, int outputs, int inputs, bool biased, bool wide)
    {
        var card = Card.Required;
        var numbers = new Numbers();
        var (x, w, bias) = (numbers.Bf16s(rows * inputs), numbers.Bf16s(outputs * inputs, 0.05f), numbers.Bf16s(outputs));
        var padded = BlasMatMul.PaddedRows(rows);
        var roomy = new ushort[padded * inputs];
        x.CopyTo(roomy, 0);
        using var deviceX = new DeviceArray<ushort>(roomy);
        using var deviceW = new DeviceArray<ushort>(w);
        using var deviceBias = new DeviceArray<ushort>(bias);
        using var y = new DeviceArray<ushort>(padded * outputs * (wide ? 2 : 1));
        using var workspace = new DeviceBuffer(Arena.WorkspaceBytes);
        CublasLt.Check(CublasLt.cublasLtCreate(out var library));
        using (var blas = new BlasMatMul(library, workspace.Pointer, workspace.Bytes))
        {
            var matrix = new DeviceMatrix(deviceW.Pointer, biased ? deviceBias.Pointer : 0, outputs, inputs);
            new MatMul(card.Kernels(), blas).Run(card.Stream, matrix, deviceX.Pointer, y.Pointer, rows, wide);
            var result = y.Read();
            var expected = Twin(x, w, biased ? bias : null, rows, outputs, inputs);
            if (wide) numbers.ShouldBeClose(System.Runtime.InteropServices.MemoryMarshal.Cast<ushort, float>(result)[..(rows * outputs)].ToArray(), expected);
            else numbers.ShouldBeClose(result[..(rows * outputs)], expected);
        }
        CublasLt.Check(CublasLt.cublasLtDestroy(library));
    }

    private static double[] Twin(ushort[] x, ushort[] w, ushort[]? bias, int rows, int outputs, int inputs)
    {
        var (wideX, wideW, y) = (Numbers.Widen(x), Numbers.Widen(w), new double[rows * outputs]);
        Parallel.For(0, outputs, output =>
        {
            for (var row = 0; row < rows; row++)
            {
                var sum = bias is null ? 0.0 : Bf16.Widen(bias[output]);
                for (var i = 0; i < inputs; i++) sum += wideX[row * inputs + i] * wideW[output * inputs + i];
                y[row * outputs + output] = sum;
            }
        });
        return y;
    }
}
