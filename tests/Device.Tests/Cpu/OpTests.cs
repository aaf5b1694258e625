using Splitwiser.Gpu;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Device.Tests.Cpu;

/// <summary>Each kernel against its formula in double precision, on odd shapes.</summary>
public sealed unsafe class OpTests
{
    [Theory]
    [InlineData(1, 1, 16)]
    [InlineData(5, 3, 37)]
    [InlineData(19, 1, 200)]
    [InlineData(9, 7, 8)]
    public void RmsNorm_divides_by_the_root_of_the_mean_square(int rows, int vectors, int dim)
    {
        using var rig = new OpRig(dim);
        var stride = vectors * dim + 3;
        float* x = rig.Numbers(rows * stride), weight = rig.Numbers(dim), y = rig.Poison(rows * stride);
        OpRig.Run(new RmsNorm { X = x, XStride = stride, Y = y, YStride = stride, Weight = weight, Rows = rows, VectorsPerRow = vectors, Dim = dim, Epsilon = 1e-3f });
        for (var row = 0; row < rows; row++)
        {
            for (var vector = 0; vector < vectors; vector++)
            {
                var start = row * stride + vector * dim;
                var mean = Enumerable.Range(0, dim).Sum(i => (double)x[start + i] * x[start + i]) / dim;
                for (var i = 0; i < dim; i++) y[start + i].ShouldBe((float)(x[start + i] * weight[i] / Math.Sqrt(mean + 1e-3)), 1e-5f);
            }
        }
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(3, 35)]
    [InlineData(40, 1000)]
    public void Activations_bend_and_gate(int rows, int dim)
    {
        using var rig = new OpRig(dim);
        Check<Silu>(rig, rows, dim, x => x / (1 + Math.Exp(-x)));
        Check<GeluTanh>(rig, rows, dim, x => x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2);
        Check<Gelu>(rig, rows, dim, x => x * Normal(x));
        Check<Relu>(rig, rows, dim, x => Math.Max(x, 0));
    }

    private static void Check<TFunction>(OpRig rig, int rows, int dim, Func<double, double> function) where TFunction : struct, IActivationFunction
    {
        float* x = rig.Numbers(rows * 2 * dim), y = rig.Poison(rows * dim);
        for (var i = 0; i < rows * 2 * dim; i++) x[i] *= 30;
        OpRig.Run(new Activate<TFunction> { X = x, Y = y, Rows = rows, Dim = dim, Gated = true });
        for (var i = 0; i < rows * dim; i++)
        {
            var gate = i / dim * 2 * dim + i % dim;
            y[i].ShouldBe((float)(function(x[gate]) * x[gate + dim]), 1e-3f);
        }
        OpRig.Run(new Activate<TFunction> { X = x, Y = y, Rows = rows, Dim = dim, Gated = false });
        for (var i = 0; i < rows * dim; i++) y[i].ShouldBe((float)function(x[i]), 1e-5f);
    }

    /// <summary>The normal distribution by its series around 0, or 0 and 1 far out.</summary>
    internal static double Normal(double x)
    {
        if (Math.Abs(x) > 7) return x > 0 ? 1 : 0;
        var (term, sum) = (x, x);
        for (var n = 1; n < 200; n++) sum += term *= x * x / (2 * n + 1);
        return 0.5 + sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
    }

    [Theory]
    [InlineData(1, 16, true)]
    [InlineData(5, 37, true)]
    [InlineData(19, 200, false)]
    public void LayerNorm_takes_mean_and_deviation_out(int rows, int dim, bool biased)
    {
        using var rig = new OpRig(dim);
        float* x = rig.Numbers(rows * dim), weight = rig.Numbers(dim), bias = rig.Numbers(dim), y = rig.Poison(rows * dim);
        OpRig.Run(new LayerNorm { X = x, Y = y, Weight = weight, Bias = biased ? bias : null, Rows = rows, Dim = dim, Epsilon = 1e-3f });
        for (var row = 0; row < rows; row++)
        {
            var values = Enumerable.Range(0, dim).Select(i => (double)x[row * dim + i]).ToArray();
            var mean = values.Average();
            var deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)) + 1e-3);
            for (var i = 0; i < dim; i++) y[row * dim + i].ShouldBe((float)((values[i] - mean) / deviation * weight[i] + (biased ? bias[i] : 0)), 1e-5f);
        }
        OpRig.Run(new LayerNorm { X = x, Y = x, Weight = weight, Bias = biased ? bias : null, Rows = rows, Dim = dim, Epsilon = 1e-3f });
        new ReadOnlySpan<float>(x, rows * dim).ToArray().ShouldBe(new ReadOnlySpan<float>(y, rows * dim).ToArray());
    }

    [Fact]
    public void Rows_positions_and_caps()
    {
        using var rig = new OpRig(5);
        const int rows = 9, dim = 21, learned = 30;
        float* x = rig.Numbers(rows * dim), y = rig.Numbers(rows * dim), table = rig.Numbers(learned * dim);
        var before = new ReadOnlySpan<float>(y, rows * dim).ToArray();
        OpRig.Run(new AddRows { X = x, Y = y, Rows = rows, Dim = dim });
        var batch = Batch(rows, i => (i * 4, 0));
        OpRig.Run(new AddPositions { Table = table, TableRows = learned, Offset = 2, Batch = batch, Y = y, Rows = rows, Dim = dim });
        for (var i = 0; i < rows * dim; i++)
            y[i].ShouldBe(before[i] + x[i] + table[Math.Min(learned - 1, i / dim * 4 + 2) * dim + i % dim]);
        OpRig.Run(new CapLogits { X = y, Rows = rows, Dim = dim, Cap = 0.5f });
        for (var i = 0; i < rows * dim; i++)
            y[i].ShouldBe((float)(0.5 * Math.Tanh((before[i] + x[i] + table[Math.Min(learned - 1, i / dim * 4 + 2) * dim + i % dim]) / 0.5)), 1e-6f);
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(32, 32)]
    [InlineData(44, 44)]
    [InlineData(40, 30)]
    public void Rope_turns_pairs_half_the_rotary_size_apart(int headSize, int rotarySize)
    {
        using var rig = new OpRig(headSize);
        const int rows = 11, heads = 3;
        var table = new RopeTable(new RopeConfig(10000, RotaryShare: (double)rotarySize / headSize), headSize);
        table.RotarySize.ShouldBe(rotarySize);
        var batch = Batch(rows, i => (i * 37, 0));
        var (stride, half) = (heads * headSize + 5, rotarySize / 2);
        float* x = rig.Numbers(rows * stride), angles = rig.Poison(rows * headSize);
        var before = new ReadOnlySpan<float>(x, rows * stride).ToArray();
        OpRig.Run(new RopeAngles { Batch = batch, Table = table, Angles = angles, Rows = rows });
        OpRig.Run(new Rope { X = x, XStride = stride, Angles = angles, Rows = rows, Heads = heads, HeadSize = headSize, RotarySize = rotarySize });
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < heads * half; i++)
            {
                var a = row * stride + i / half * headSize + i % half;
                var angle = batch[row].Position * Math.Pow(10000, -2.0 * (i % half) / rotarySize);
                x[a].ShouldBe((float)(before[a] * Math.Cos(angle) - before[a + half] * Math.Sin(angle)), 1e-4f);
                x[a + half].ShouldBe((float)(before[a + half] * Math.Cos(angle) + before[a] * Math.Sin(angle)), 1e-4f);
            }
            for (var i = 0; i < heads * headSize; i++)
                if (i % headSize >= rotarySize) x[row * stride + i].ShouldBe(before[row * stride + i]);
            for (var i = heads * headSize; i < stride; i++) x[row * stride + i].ShouldBe(before[row * stride + i]);
        }
    }

    [Theory]
    [InlineData(ElementType.BF16, 33)]
    [InlineData(ElementType.F32, 50)]
    public void Embedding_looks_rows_up(ElementType type, int dim)
    {
        using var rig = new OpRig(dim);
        var table = rig.Matrix(20, dim, type);
        var batch = Batch(13, i => (i, i * 7 % 20));
        var y = rig.Poison(13 * dim);
        OpRig.Run(new Embedding { Table = table, Batch = batch, Y = y, Rows = 13 });
        for (var i = 0; i < 13 * dim; i++) ((double)y[i]).ShouldBe(OpRig.Weight(table, batch[i / dim].Token, i % dim));
    }

    [Fact]
    public void GatherRows_puts_chosen_rows_side_by_side()
    {
        using var rig = new OpRig(1);
        float* x = rig.Numbers(90), y = rig.Poison(27);
        OpRig.Run(new GatherRows { X = x, From = [9, 0, 4], Y = y, Rows = 3, Dim = 9 });
        for (var i = 0; i < 27; i++) y[i].ShouldBe(x[new[] { 9, 0, 4 }[i / 9] * 9 + i % 9]);
    }

    private static BatchRow[] Batch(int rows, Func<int, (int Position, int Token)> row)
    {
        var sequence = new Sequence(0, [1], 1, SamplingParams.Greedy, 1);
        return [.. Enumerable.Range(0, rows).Select(row).Select(at => new BatchRow(sequence, at.Position, at.Token))];
    }
}
