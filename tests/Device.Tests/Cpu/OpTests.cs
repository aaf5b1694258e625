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
    public void SwiGlu_gates_with_silu(int rows, int dim)
    {
        using var rig = new OpRig(dim);
        float* gateUp = rig.Numbers(rows * 2 * dim), y = rig.Poison(rows * dim);
        for (var i = 0; i < rows * 2 * dim; i++) gateUp[i] *= 30;
        OpRig.Run(new SwiGlu { GateUp = gateUp, Y = y, Rows = rows, Dim = dim });
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < dim; i++)
            {
                double gate = gateUp[row * 2 * dim + i], up = gateUp[row * 2 * dim + dim + i];
                y[row * dim + i].ShouldBe((float)(gate / (1 + Math.Exp(-gate)) * up), 1e-3f);
            }
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(44)]
    public void Rope_turns_pairs_half_a_head_apart(int headSize)
    {
        using var rig = new OpRig(headSize);
        const int rows = 11, heads = 3;
        var frequencies = new RopeConfig(10000).InverseFrequencies(headSize);
        var batch = Batch(rows, i => (i * 37, 0));
        var (stride, half) = (heads * headSize + 5, headSize / 2);
        float* x = rig.Numbers(rows * stride), angles = rig.Poison(rows * headSize);
        var before = new ReadOnlySpan<float>(x, rows * stride).ToArray();
        OpRig.Run(new RopeAngles { Batch = batch, Frequencies = frequencies, Angles = angles, Rows = rows });
        OpRig.Run(new Rope { X = x, XStride = stride, Angles = angles, Rows = rows, Heads = heads, HeadSize = headSize });
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < heads * half; i++)
            {
                var a = row * stride + i / half * headSize + i % half;
                var angle = batch[row].Position * Math.Pow(10000, -2.0 * (i % half) / headSize);
                x[a].ShouldBe((float)(before[a] * Math.Cos(angle) - before[a + half] * Math.Sin(angle)), 1e-4f);
                x[a + half].ShouldBe((float)(before[a + half] * Math.Cos(angle) + before[a] * Math.Sin(angle)), 1e-4f);
            }
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
