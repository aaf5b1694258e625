using Splitwiser.Gpu.Cuda;

namespace Splitwiser.Gpu.Tests.Kernels;

/// <summary>Kernels that work row by row, against the same formula in doubles.</summary>
public sealed class RowKernelTests
{
    [Theory]
    [InlineData(1, 64), InlineData(5, 4096), InlineData(33, 136)]
    public void Embedding_takes_known_tokens_and_sampled_ones(int tokens, int dim)
    {
        var card = Card.Required;
        var numbers = new Numbers();
        const int vocabulary = 50, slots = 8;
        var table = numbers.Bf16s(vocabulary * dim);
        var sampled = Enumerable.Range(0, slots).Select(_ => numbers.Next(vocabulary)).ToArray();
        var sources = Enumerable.Range(0, tokens).Select(i => i % 3 == 1 ? new TokenSource(1, numbers.Next(slots)) : new TokenSource(0, numbers.Next(vocabulary))).ToArray();
        using var deviceTable = new DeviceArray<ushort>(table);
        using var deviceSources = new DeviceArray<TokenSource>(sources);
        using var deviceSampled = new DeviceArray<int>(sampled);
        using var x = new DeviceArray<ushort>(tokens * dim);
        card.Kernels().Embedding.Launch(card.Stream, new Grid(tokens), 128, new EmbeddingParams(deviceTable.Pointer, deviceSources.Pointer, deviceSampled.Pointer, x.Pointer, dim));
        x.Read().ShouldBe(sources.SelectMany(source => table.AsSpan((source.FromSlot != 0 ? sampled[source.Value] : source.Value) * dim, dim).ToArray()));
    }

    [Theory]
    [InlineData(1, 64, false, false), InlineData(7, 4096, true, false), InlineData(3, 2048, true, true), InlineData(5, 16384, true, false), InlineData(9, 776, false, true)]
    public void Rms_norm_adds_the_residual_and_normalises(int tokens, int dim, bool adds, bool picks)
    {
        var card = Card.Required;
        var numbers = new Numbers();
        var (x, delta, weight) = (numbers.Bf16s(tokens * dim, 3), numbers.Bf16s(tokens * dim), numbers.Bf16s(dim, 0.2f, 1));
        var rows = Enumerable.Range(0, tokens).ToArray();
        if (picks)
        {
            numbers.Shuffle(rows);
            rows = rows[..Math.Max(1, tokens / 2)];
        }
        using var deviceX = new DeviceArray<ushort>(x);
        using var deviceDelta = new DeviceArray<ushort>(delta);
        using var deviceWeight = new DeviceArray<ushort>(weight);
        using var deviceRows = new DeviceArray<int>(rows);
        using var y = new DeviceArray<ushort>(rows.Length * dim);
        const float epsilon = 1e-5f;
        card.Kernels().RmsNorm.Launch(card.Stream, new Grid(rows.Length), 256,
            new RmsNormParams(deviceX.Pointer, adds ? deviceDelta.Pointer : 0, deviceWeight.Pointer, y.Pointer, picks ? deviceRows.Pointer : 0, dim, epsilon));

        var (added, normed) = (Numbers.Widen(x), new double[rows.Length * dim]);
        foreach (var row in adds ? rows : [])
            for (var i = row * dim; i < (row + 1) * dim; i++) added[i] = Bf16.Widen(Bf16.Round(Bf16.Widen(x[i]) + Bf16.Widen(delta[i])));
        for (var r = 0; r < rows.Length; r++)
        {
            var row = added.AsSpan(rows[r] * dim, dim);
            var squares = 0.0;
            foreach (var value in row) squares += value * value;
            for (var i = 0; i < dim; i++) normed[r * dim + i] = row[i] / Math.Sqrt(squares / dim + epsilon) * Bf16.Widen(weight[i]);
        }
        numbers.ShouldBeClose(y.Read(), normed);
        Numbers.Widen(deviceX.Read()).ShouldBe(added);
    }

    [Theory]
    [InlineData(1, 160), InlineData(9, 14336), InlineData(4, 8)]
    public void Swiglu_gates(int tokens, int dim)
    {
        var card = Card.Required;
        var numbers = new Numbers();
        var gateUp = numbers.Bf16s(tokens * 2 * dim, 2);
        using var deviceGateUp = new DeviceArray<ushort>(gateUp);
        using var y = new DeviceArray<ushort>(tokens * dim);
        card.Kernels().SwiGlu.Launch(card.Stream, new Grid((dim / 8 + 255) / 256, tokens), 256, new SwiGluParams(deviceGateUp.Pointer, y.Pointer, dim));
        var values = Numbers.Widen(gateUp);
        var expected = new double[tokens * dim];
        for (var i = 0; i < expected.Length; i++)
        {
            var (g, u) = (values[i / dim * 2 * dim + i % dim], values[i / dim * 2 * dim + dim + i % dim]);
            expected[i] = g / (1 + Math.Exp(-g)) * u;
        }
        numbers.ShouldBeClose(y.Read(), expected);
    }
}
