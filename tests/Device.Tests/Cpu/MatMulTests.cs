using Splitwiser.Gpu.Cpu;
using Splitwiser.Models;

namespace Splitwiser.Device.Tests.Cpu;

public sealed unsafe class MatMulTests
{
    [Theory]
    [InlineData(1, 16, 4, ElementType.BF16)]
    [InlineData(1, 7, 5, ElementType.F32)]
    [InlineData(3, 33, 11, ElementType.BF16)]
    [InlineData(4, 100, 130, ElementType.F32)]
    [InlineData(9, 48, 70, ElementType.BF16)]
    [InlineData(30, 2048, 6, ElementType.BF16)]
    [InlineData(6, 5003, 9, ElementType.BF16)]
    [InlineData(2, 5003, 9, ElementType.F32)]
    [InlineData(300, 20, 33, ElementType.BF16)]
    public void Outputs_are_the_sums_of_products(int rows, int inputs, int outputs, ElementType type)
    {
        using var rig = new OpRig(inputs);
        var matrix = rig.Matrix(outputs, inputs, type, bias: true);
        float* x = rig.Numbers(rows * inputs), y = rig.Poison(rows * (outputs + 2));
        OpRig.Run(new MatMul { X = x, Rows = rows, YStride = outputs + 2, First = new Projection(matrix, y + 1) });
        for (var row = 0; row < rows; row++)
        {
            for (var output = 0; output < outputs; output++) y[row * (outputs + 2) + 1 + output].ShouldBe((float)(Product(x + row * inputs, matrix, output) + matrix.Bias[output]), 1e-4f);
            float.IsNaN(y[row * (outputs + 2)]).ShouldBeTrue();
            float.IsNaN(y[row * (outputs + 2) + outputs + 1]).ShouldBeTrue();
        }
    }

    [Fact]
    public void Three_matrices_of_different_types_share_an_input()
    {
        using var rig = new OpRig(5);
        Matrix[] matrices = [rig.Matrix(70, 40, ElementType.BF16), rig.Matrix(9, 40, ElementType.F32, bias: true), rig.Matrix(33, 40, ElementType.BF16)];
        float* x = rig.Numbers(5 * 40), y = rig.Poison(5 * 112);
        OpRig.Run(new MatMul
        {
            X = x, Rows = 5, YStride = 112,
            First = new Projection(matrices[0], y), Second = new Projection(matrices[1], y + 70), Third = new Projection(matrices[2], y + 79),
        });
        for (var row = 0; row < 5; row++)
        {
            for (var i = 0; i < 112; i++)
            {
                var (matrix, output) = i < 70 ? (matrices[0], i) : i < 79 ? (matrices[1], i - 70) : (matrices[2], i - 79);
                y[row * 112 + i].ShouldBe((float)(Product(x + row * 40, matrix, output) + (matrix.Bias == null ? 0 : matrix.Bias[output])), 1e-4f);
            }
        }
    }

    [Fact]
    public void Accumulating_adds_to_what_is_there()
    {
        using var rig = new OpRig(6);
        var matrix = rig.Matrix(21, 30, ElementType.BF16, bias: true);
        float* x = rig.Numbers(2 * 30), y = rig.Numbers(2 * 21);
        var before = new ReadOnlySpan<float>(y, 42).ToArray();
        OpRig.Run(new MatMul { X = x, Rows = 2, YStride = 21, First = new Projection(matrix, y), Accumulates = true });
        for (var i = 0; i < 42; i++) y[i].ShouldBe((float)(before[i] + Product(x + i / 21 * 30, matrix, i % 21) + matrix.Bias[i % 21]), 1e-5f);
    }

    [Theory]
    [InlineData(64, 70)]
    [InlineData(2100, 37)]
    [InlineData(4100, 16)]
    public void A_row_has_the_same_bits_among_any_number_of_rows(int inputs, int outputs)
    {
        const int rows = 270;
        using var rig = new OpRig(7);
        var matrix = rig.Matrix(outputs, inputs, ElementType.BF16);
        float* x = rig.Numbers(rows * inputs), all = rig.Poison(rows * outputs), one = rig.Poison(rows * outputs);
        OpRig.Run(new MatMul { X = x, Rows = rows, YStride = outputs, First = new Projection(matrix, all) });
        for (var row = 0; row < rows;)
        {
            var some = Math.Min(rows - row, 1 + row % 10);
            OpRig.Run(new MatMul { X = x + row * inputs, Rows = some, YStride = outputs, First = new Projection(matrix, one + row * outputs) });
            row += some;
        }
        new ReadOnlySpan<float>(one, rows * outputs).SequenceEqual(new ReadOnlySpan<float>(all, rows * outputs)).ShouldBeTrue();
    }

    private static double Product(float* x, in Matrix matrix, int output)
    {
        var sum = 0.0;
        for (var k = 0; k < matrix.Inputs; k++) sum += x[k] * OpRig.Weight(matrix, output, k);
        return sum;
    }
}
