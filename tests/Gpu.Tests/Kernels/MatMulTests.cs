using Splitwiser.Gpu.Cuda;

namespace Splitwiser.Gpu.Tests.Kernels;

/// <summary>Y = X W^T (+ bias) by the bandwidth reader and by cuBLASLt, at sizes that fill no tile.</summary>
public sealed class MatMulTests
{
    [Theory]
    [InlineData(1, 64, 32, false, false), InlineData(3, 200, 160, true, false), InlineData(8, 6144, 4096, false, false), InlineData(9, 517, 704, false, true)]
    [InlineData(16, 4096, 14336, false, false), InlineData(17, 1000, 96, true, false), InlineData(32, 333, 2048, true, false)]
    public void Few_rows(int rows, int outputs, int inputs, bool biased, bool wide) => Check(rows, outputs, inputs, biased, wide);

    [Theory]
    [InlineData(33, 6144, 4096, false, false), InlineData(77, 512, 64, true, false), InlineData(200, 4096, 160, false, true), InlineData(5, 100, 72, true, false), InlineData(300, 1024, 704, true, false)]
    public void Many_rows_or_odd_inputs(int rows, int outputs, int inputs, bool biased, bool wide) => Check(rows, outputs, inputs, biased, wide);

    [Theory]
    [InlineData(1, 64, 64), InlineData(5, 200, 160), InlineData(8, 14336, 2048), InlineData(3, 333, 704), InlineData(2, 1024, 4096)]
    public void The_reader_gates_and_adds(int rows, int outputs, int inputs)
    {
        var card = Card.Required;
        var numbers = new Numbers();
        var (x, w, residual) = (numbers.Bf16s(rows * inputs), numbers.Bf16s(2 * outputs * inputs, 0.05f), numbers.Bf16s(rows * outputs));
        using var deviceX = new DeviceArray<ushort>(x);
        using var deviceW = new DeviceArray<ushort>(w);
        using var gated = new DeviceArray<ushort>(rows * outputs);
        using var added = new DeviceArray<ushort>(residual);
        using var blas = new BlasMatMul(0, 0, timed: null);
        var matMul = new MatMul(card.Kernels(), blas, card.Device.SmCount);
        matMul.RunGated(card.Stream, new DeviceMatrix(deviceW.Pointer, 0, 2 * outputs, inputs), deviceX.Pointer, gated.Pointer, rows);
        matMul.RunAdding(card.Stream, new DeviceMatrix(deviceW.Pointer, 0, outputs, inputs), deviceX.Pointer, added.Pointer, rows);

        var products = Twin(Numbers.Widen(x), Numbers.Widen(w), null, rows, 2 * outputs, inputs);
        var gates = new double[rows * outputs];
        for (var i = 0; i < gates.Length; i++)
        {
            var (gate, up) = (products[i / outputs * 2 * outputs + i % outputs], products[i / outputs * 2 * outputs + outputs + i % outputs]);
            gates[i] = gate / (1 + Math.Exp(-gate)) * up;
        }
        numbers.ShouldBeClose(gated.Read(), gates);
        var sums = Twin(Numbers.Widen(x), Numbers.Widen(w)[..(outputs * inputs)], null, rows, outputs, inputs);
        numbers.ShouldBeClose(added.Read(), [.. sums.Select((sum, i) => sum + Bf16.Widen(residual[i]))]);
    }

    [Theory]
    [InlineData(1024, 4096, false, false), InlineData(520, 3072, false, true), InlineData(768, 3072, true, false), InlineData(64, 160, true, false)]
    public void An_invariant_product_has_the_same_bits_for_any_number_of_rows(int outputs, int inputs, bool biased, bool wide)
    {
        var card = Card.Required;
        var numbers = new Numbers();
        const int most = 1500;
        var width = wide ? 2 : 1;
        using var x = new DeviceArray<ushort>(numbers.Bf16s(most * inputs));
        using var w = new DeviceArray<ushort>(numbers.Bf16s(outputs * inputs, 0.05f));
        using var bias = new DeviceArray<ushort>(numbers.Bf16s(outputs));
        using var workspace = new DeviceArray<byte>((int)Arena.WorkspaceBytes);
        CublasLt.Check(CublasLt.cublasLtCreate(out var library));
        using (var blas = new BlasMatMul(library, workspace.Pointer, timed: null, invariant: true))
        {
            var matMul = new MatMul(card.Kernels(), blas, card.Device.SmCount, invariant: true);
            var matrix = new DeviceMatrix(w.Pointer, biased ? bias.Pointer : 0, outputs, inputs);
            var whole = Run(most, 0);
            foreach (var (rows, first) in new[] { (1, 0), (1, 77), (5, 130), (16, 16), (48, 1000), (64, 64), (100, 3), (128, 128), (257, 300), (1000, 500) })
                Run(rows, first).AsSpan().SequenceEqual(whole.AsSpan(first * outputs * width, rows * outputs * width)).ShouldBeTrue($"{rows} rows from {first} on, seed {numbers.Seed}");

            ushort[] Run(int rows, int first)
            {
                var padded = (rows + BlasMatMul.InvariantRows - 1) / BlasMatMul.InvariantRows * BlasMatMul.InvariantRows;
                using var y = new DeviceArray<ushort>(padded * outputs * width);
                using var input = new DeviceArray<ushort>(padded * inputs);
                Cuda.Cuda.Check(CudaDriver.cuMemcpyDtoDAsync_v2(input.Pointer, x.Pointer + 2UL * (ulong)(first * inputs), (nuint)(2L * rows * inputs), card.Stream.Handle));
                matMul.Run(card.Stream, matrix, input.Pointer, y.Pointer, rows, wide);
                return y.Read()[..(rows * outputs * width)];
            }
        }
        CublasLt.Check(CublasLt.cublasLtDestroy(library));
    }

    private static void Check(int rows, int outputs, int inputs, bool biased, bool wide)
    {
        var card = Card.Required;
        var numbers = new Numbers();
        var (x, w, bias) = (numbers.Bf16s(rows * inputs), numbers.Bf16s(outputs * inputs, 0.05f), numbers.Bf16s(outputs));
        var padded = Product.PaddedRows(rows);
        var roomy = new ushort[padded * inputs];
        x.CopyTo(roomy, 0);
        using var deviceX = new DeviceArray<ushort>(roomy);
        using var deviceW = new DeviceArray<ushort>(w);
        using var deviceBias = new DeviceArray<ushort>(bias);
        using var y = new DeviceArray<ushort>(padded * outputs * (wide ? 2 : 1));
        using var workspace = new DeviceBuffer(Arena.WorkspaceBytes);
        CublasLt.Check(CublasLt.cublasLtCreate(out var library));
        using (var blas = new BlasMatMul(library, workspace.Pointer, timed: null))
        {
            var matrix = new DeviceMatrix(deviceW.Pointer, biased ? deviceBias.Pointer : 0, outputs, inputs);
            new MatMul(card.Kernels(), blas, card.Device.SmCount).Run(card.Stream, matrix, deviceX.Pointer, y.Pointer, rows, wide);
            var result = y.Read();
            var expected = Twin(Numbers.Widen(x), Numbers.Widen(w), biased ? bias : null, rows, outputs, inputs);
            if (wide) numbers.ShouldBeClose(System.Runtime.InteropServices.MemoryMarshal.Cast<ushort, float>(result)[..(rows * outputs)].ToArray(), expected);
            else numbers.ShouldBeClose(result[..(rows * outputs)], expected);
        }
        CublasLt.Check(CublasLt.cublasLtDestroy(library));
    }

    private static double[] Twin(double[] x, double[] w, ushort[]? bias, int rows, int outputs, int inputs)
    {
        var y = new double[rows * outputs];
        Parallel.For(0, outputs, output =>
        {
            for (var row = 0; row < rows; row++)
            {
                var sum = bias is null ? 0.0 : Bf16.Widen(bias[output]);
                for (var i = 0; i < inputs; i++) sum += x[row * inputs + i] * w[output * inputs + i];
                y[row * outputs + output] = sum;
            }
        });
        return y;
    }
}
