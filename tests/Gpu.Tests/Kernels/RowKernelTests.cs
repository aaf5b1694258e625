using Splitwiser.Gpu.Cuda;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Tests.Kernels;

/// <summary>Kernels that work row by row, against the same formula in doubles.</summary>
public sealed class RowKernelTests
{
    [Theory]
    [InlineData(1, 64, 1, false), InlineData(5, 4096, 1, false), InlineData(33, 136, 1, true), InlineData(4, 72, 8.5f, false)]
    public void Embedding_takes_known_tokens_and_sampled_ones(int tokens, int dim, float scale, bool learns)
    {
        var card = Card.Required;
        var numbers = new Numbers();
        const int vocabulary = 50, slots = 8, offset = 2, learnedRows = 40;
        var table = numbers.Bf16s(vocabulary * dim);
        var learned = numbers.Bf16s(learnedRows * dim);
        var sampled = Enumerable.Range(0, slots).Select(_ => numbers.Next(vocabulary)).ToArray();
        var sources = Enumerable.Range(0, tokens).Select(i => i % 3 == 1 ? new TokenSource(1, numbers.Next(slots)) : new TokenSource(0, numbers.Next(vocabulary))).ToArray();
        var positions = Enumerable.Range(0, tokens).Select(_ => numbers.Next(learnedRows)).ToArray();      // some past the table's end
        using var deviceTable = new DeviceArray<ushort>(table);
        using var deviceLearned = new DeviceArray<ushort>(learned);
        using var deviceSources = new DeviceArray<TokenSource>(sources);
        using var deviceSampled = new DeviceArray<int>(sampled);
        using var devicePositions = new DeviceArray<int>(positions);
        using var x = new DeviceArray<ushort>(tokens * dim);
        var parameters = new EmbeddingParams(deviceTable.Pointer, deviceSources.Pointer, deviceSampled.Pointer, x.Pointer, devicePositions.Pointer, learns ? deviceLearned.Pointer : 0, dim, offset, learnedRows, scale);
        card.Kernels().Embedding.Launch(card.Stream, new Grid(tokens), 128, parameters);
        var expected = new double[tokens * dim];
        for (var i = 0; i < expected.Length; i++)
        {
            var (t, source) = (i / dim, sources[i / dim]);
            var token = source.FromSlot != 0 ? sampled[source.Value] : source.Value;
            expected[i] = Bf16.Widen(table[token * dim + i % dim]) * (double)scale + (learns ? Bf16.Widen(learned[Math.Min(learnedRows - 1, positions[t] + offset) * dim + i % dim]) : 0);
        }
        if (scale == 1 && !learns) Numbers.Widen(x.Read()).ShouldBe(expected);
        else numbers.ShouldBeClose(x.Read(), expected);

        // In place, on embeddings that were projected: row t of the table is token t's.
        if (!learns) return;
        card.Kernels().Embedding.Launch(card.Stream, new Grid(tokens), 128, parameters with { Table = x.Pointer, Sources = 0 });
        for (var i = 0; i < expected.Length; i++) expected[i] += Bf16.Widen(learned[Math.Min(learnedRows - 1, positions[i / dim] + offset) * dim + i % dim]);
        numbers.ShouldBeClose(x.Read(), expected, 1e-2);
    }

    /// <summary>Tokens, size, whether a residual is added, whether rows are picked, whether it is LayerNorm, what is added to the weights.</summary>
    public static TheoryData<int, int, bool, bool, bool, float> Norms => new()
    {
        { 1, 64, false, false, false, 0 }, { 7, 4096, true, false, false, 0 }, { 3, 2048, true, true, false, 0 }, { 5, 16384, true, false, false, 0 }, { 9, 776, false, true, false, 1 },
        { 1, 64, false, false, true, 0 }, { 7, 4096, true, false, true, 0 }, { 3, 768, true, true, true, 0 }, { 5, 16384, true, false, true, 0 },
    };

    [Theory, MemberData(nameof(Norms))]
    public void Norms_add_the_residual_and_normalise(int tokens, int dim, bool adds, bool picks, bool centres, float offset)
    {
        var card = Card.Required;
        var numbers = new Numbers();
        var (x, delta, weight, bias) = (numbers.Bf16s(tokens * dim, 3, 0.5f), numbers.Bf16s(tokens * dim), numbers.Bf16s(dim, 0.2f, 1 - offset), numbers.Bf16s(dim));
        var rows = Enumerable.Range(0, tokens).ToArray();
        if (picks)
        {
            numbers.Shuffle(rows);
            rows = rows[..Math.Max(1, tokens / 2)];
        }
        using var deviceX = new DeviceArray<ushort>(x);
        using var deviceDelta = new DeviceArray<ushort>(delta);
        using var deviceWeight = new DeviceArray<ushort>(weight);
        using var deviceBias = new DeviceArray<ushort>(bias);
        using var deviceRows = new DeviceArray<int>(rows);
        using var y = new DeviceArray<ushort>(rows.Length * dim);
        const float epsilon = 1e-5f;
        var (deltaPointer, rowsPointer) = (adds ? deviceDelta.Pointer : 0, picks ? deviceRows.Pointer : 0);
        if (centres)
            card.Kernels().LayerNorm.Launch(card.Stream, new Grid(rows.Length), 256,
                new LayerNormParams(deviceX.Pointer, deltaPointer, deviceWeight.Pointer, deviceBias.Pointer, y.Pointer, rowsPointer, dim, epsilon));
        else
            card.Kernels().RmsNorm.Launch(card.Stream, new Grid(rows.Length), 256,
                new RmsNormParams(deviceX.Pointer, deltaPointer, deviceWeight.Pointer, y.Pointer, rowsPointer, dim, epsilon, offset));

        var (added, normed) = (Numbers.Widen(x), new double[rows.Length * dim]);
        foreach (var row in adds ? rows : [])
            for (var i = row * dim; i < (row + 1) * dim; i++) added[i] = Bf16.Widen(Bf16.Round(Bf16.Widen(x[i]) + Bf16.Widen(delta[i])));
        for (var r = 0; r < rows.Length; r++)
        {
            var row = added.AsSpan(rows[r] * dim, dim).ToArray();
            var mean = centres ? row.Average() : 0;
            var deviation = Math.Sqrt(row.Average(value => (value - mean) * (value - mean)) + epsilon);
            for (var i = 0; i < dim; i++) normed[r * dim + i] = (row[i] - mean) / deviation * (Bf16.Widen(weight[i]) + offset) + (centres ? Bf16.Widen(bias[i]) : 0);
        }
        numbers.ShouldBeClose(y.Read(), normed);
        Numbers.Widen(deviceX.Read()).ShouldBe(added);
    }

    public static TheoryData<int, int, Activation, bool> Activations
    {
        get
        {
            var data = new TheoryData<int, int, Activation, bool>();
            foreach (var activation in Enum.GetValues<Activation>())
            {
                data.Add(1, 160, activation, true);
                data.Add(9, 14336, activation, true);
                data.Add(4, 8, activation, false);
                data.Add(3, 3072, activation, false);
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Activations))]
    public void Activations_bend_and_gate(int tokens, int dim, Activation activation, bool gated)
    {
        var card = Card.Required;
        var numbers = new Numbers();
        var width = (gated ? 2 : 1) * dim;
        var x = numbers.Bf16s(tokens * width, 2);
        using var deviceX = new DeviceArray<ushort>(x);
        using var y = new DeviceArray<ushort>(tokens * dim);
        card.Kernels(Card.Shape(64) with { Activation = activation, GatedMlp = gated }).Activate
            .Launch(card.Stream, new Grid((dim / 8 + 255) / 256, tokens), 256, new ActivateParams(deviceX.Pointer, y.Pointer, dim));
        var values = Numbers.Widen(x);
        var expected = new double[tokens * dim];
        for (var i = 0; i < expected.Length; i++)
        {
            var at = i / dim * width + i % dim;
            expected[i] = Numbers.Bend(activation, values[at]) * (gated ? values[at + dim] : 1);
        }
        numbers.ShouldBeClose(y.Read(), expected);
    }

    [Theory]
    [InlineData(1, 30), InlineData(70_000, 5)]
    public void Logits_are_capped(int count, float cap)
    {
        var card = Card.Required;
        var numbers = new Numbers();
        var logits = numbers.Singles(count, 10);
        using var x = new DeviceArray<float>(logits);
        card.Kernels().CapLogits.Launch(card.Stream, new Grid((count + 255) / 256), 256, new CapLogitsParams(x.Pointer, count, cap));
        numbers.ShouldBeClose(x.Read(), [.. logits.Select(logit => cap * Math.Tanh(logit / cap))]);
    }
}
