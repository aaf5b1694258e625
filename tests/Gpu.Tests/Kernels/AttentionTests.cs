using Splitwiser.Gpu.Cuda;

namespace Splitwiser.Gpu.Tests.Kernels;

/// <summary>Prefill and decode attention over scattered pages, at positions that fill no tile, page or split.</summary>
public sealed class AttentionTests
{
    /// <summary>Heads, key heads, head size, window or 0, soft cap or 0.</summary>
    public static TheoryData<int, int, int, int, float> Shapes => new()
    {
        { 4, 2, 16, 0, 0 }, { 4, 2, 32, 0, 0 }, { 4, 1, 64, 0, 0 }, { 8, 2, 128, 0, 0 }, { 3, 3, 64, 0, 0 }, { 16, 1, 128, 0, 0 }, { 4, 2, 64, 16, 0 }, { 4, 2, 128, 100, 0 },
        { 2, 2, 80, 0, 0 }, { 4, 2, 96, 50, 0 }, { 4, 2, 256, 0, 0 }, { 4, 2, 256, 70, 2 }, { 4, 2, 16, 32, 1.5f }, { 3, 1, 128, 0, 3 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Prefill_attention(int heads, int kvHeads, int headSize, int window, float cap)
    {
        var card = Card.Required;
        var numbers = new Numbers();
        (int Offset, int Count)[] parts = [(0, 1), (0, 129), (37, 200), (64, 64), (250, 3)];
        var pages = new PagedCase(numbers, heads, kvHeads, headSize, [.. parts.Select(part => part.Offset + part.Count)]) { Cap = cap };
        var rows = parts.Sum(part => part.Count);
        var rowStride = (heads + 2 * kvHeads) * headSize;
        var qkv = numbers.Bf16s(rows * rowStride);
        var (lists, starts) = pages.Lists();
        var (segments, tiles) = PagedCase.Cut(parts, starts);
        using var deviceQkv = new DeviceArray<ushort>(qkv);
        using var devicePages = new DeviceArray<ushort>(pages.Pages);
        using var deviceLists = new DeviceArray<int>(lists);
        using var deviceSegments = new DeviceArray<SegmentRecord>(segments);
        using var deviceTiles = new DeviceArray<RowTile>([.. tiles]);
        using var output = new DeviceArray<ushort>(rows * heads * headSize);
        var kernels = card.Kernels(headSize, cap);
        var parameters = new PrefillAttentionParams(deviceQkv.Pointer, output.Pointer, devicePages.Pointer, deviceLists.Pointer, deviceSegments.Pointer, deviceTiles.Pointer,
            heads, kvHeads, rowStride, window, pages.Scale, pages.ScoreCap);
        kernels.PrefillAttention.Launch(card.Stream, new Grid(tiles.Count, heads), kernels.PrefillAttentionThreads, parameters, kernels.PrefillAttentionBytes);

        var expected = new List<double>();
        for (int i = 0, row = 0; i < parts.Length; row += parts[i++].Count)
            for (var r = 0; r < parts[i].Count; r++)
                expected.AddRange(pages.Attend(qkv.AsSpan((row + r) * rowStride, heads * headSize), i, parts[i].Offset + r, window));
        numbers.ShouldBeClose(output.Read(), [.. expected], 1e-2);

        if (kernels.HopperAttention is not { } hopper) return;
        using var other = new DeviceArray<ushort>(rows * heads * headSize);
        var map = TensorMap.Of(devicePages.Pointer, pages.Pages.Length / headSize, headSize);
        hopper.Launch(card.Stream, new Grid(heads, tiles.Count), 384, new HopperAttentionParams(map, parameters with { O = other.Pointer }), kernels.HopperAttentionBytes);
        numbers.ShouldBeClose(other.Read(), [.. expected], 1e-2);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Decode_attention_whole_and_split(int heads, int kvHeads, int headSize, int window, float cap)
    {
        var card = Card.Required;
        var numbers = new Numbers();
        int[] positions = [0, 1, 15, 31, 32, 63, 200, 511, 700];
        var pages = new PagedCase(numbers, heads, kvHeads, headSize, [.. positions.Select(position => position + 1)]) { Cap = cap };
        var rowStride = (heads + 2 * kvHeads) * headSize;
        var qkv = numbers.Bf16s((positions.Length + 2) * rowStride);
        var (lists, starts) = pages.Lists();
        var rows = positions.Select((position, i) => new DecodeRecord(i + 2, position, starts[i])).ToArray();      // the batch begins with two other rows
        var expected = positions.SelectMany((position, i) => pages.Attend(qkv.AsSpan((i + 2) * rowStride, heads * headSize), i, position, window)).ToArray();
        using var deviceQkv = new DeviceArray<ushort>(qkv);
        using var devicePages = new DeviceArray<ushort>(pages.Pages);
        using var deviceLists = new DeviceArray<int>(lists);
        using var deviceRows = new DeviceArray<DecodeRecord>(rows);
        var kernels = card.Kernels(headSize, cap);
        foreach (var splitKeys in new[] { 1024, 256, 64 })
        {
            var splits = (701 + splitKeys - 1) / splitKeys;
            using var output = new DeviceArray<ushort>((positions.Length + 2) * heads * headSize);
            using var partial = new DeviceArray<float>(positions.Length * heads * splits * headSize);
            using var logSum = new DeviceArray<float>(positions.Length * heads * splits);
            var parameters = new DecodeAttentionParams(deviceQkv.Pointer, output.Pointer, devicePages.Pointer, deviceLists.Pointer, deviceRows.Pointer,
                partial.Pointer, logSum.Pointer, heads, kvHeads, rowStride, splitKeys, splits, window, pages.Scale, pages.ScoreCap);
            kernels.DecodeAttention.Launch(card.Stream, new Grid(splits, kvHeads, rows.Length), 128, parameters, kernels.DecodeAttentionBytes);
            kernels.DecodeCombine.Launch(card.Stream, new Grid(heads, rows.Length), headSize, parameters);
            numbers.ShouldBeClose(output.Read()[(2 * heads * headSize)..], expected, 1e-2);
        }
    }

    [Theory]
    [InlineData(4, 2, 16, false), InlineData(4, 2, 32, true), InlineData(32, 8, 64, false), InlineData(5, 1, 128, true), InlineData(32, 8, 128, false)]
    public void Rope_turns_and_writes_the_pages(int heads, int kvHeads, int headSize, bool norms)
    {
        var card = Card.Required;
        var numbers = new Numbers();
        int[] positions = [0, 31, 32, 77, 200];
        int[] places = [5, 64, 33, 190, 99];
        const int pageCount = 6;
        var all = heads + 2 * kvHeads;
        var (qkv, queryNorm, keyNorm) = (numbers.Bf16s(positions.Length * all * headSize), numbers.Bf16s(headSize, 0.2f, 1), numbers.Bf16s(headSize, 0.2f, 1));
        var turns = new float[256 * headSize];
        for (var position = 0; position < 256; position++)
            for (var i = 0; i < headSize / 2; i++)
                (turns[position * headSize + 2 * i + 1], turns[position * headSize + 2 * i]) = MathF.SinCos(position * MathF.Pow(10000, -2f * i / headSize));
        using var deviceQkv = new DeviceArray<ushort>(qkv);
        using var deviceTurns = new DeviceArray<float>(turns);
        using var devicePositions = new DeviceArray<int>(positions);
        using var devicePlaces = new DeviceArray<int>(places);
        using var deviceQueryNorm = new DeviceArray<ushort>(queryNorm);
        using var deviceKeyNorm = new DeviceArray<ushort>(keyNorm);
        using var pages = new DeviceArray<ushort>(pageCount * 2 * kvHeads * 32 * headSize);
        const float epsilon = 1e-6f;
        card.Kernels(headSize).RopeAndPages.Launch(card.Stream, new Grid(positions.Length), 256, new RopeParams(deviceQkv.Pointer, deviceTurns.Pointer, devicePositions.Pointer,
            devicePlaces.Pointer, pages.Pointer, norms ? deviceQueryNorm.Pointer : 0, norms ? deviceKeyNorm.Pointer : 0, heads, kvHeads, epsilon));
        var (turned, written) = (deviceQkv.Read(), pages.Read());

        var (actual, expected) = (new List<ushort>(), new List<double>());
        for (var token = 0; token < positions.Length; token++)
            for (var head = 0; head < all; head++)
            {
                var values = Numbers.Widen(qkv.AsSpan((token * all + head) * headSize, headSize).ToArray());
                var query = head < heads;
                if (norms && head < heads + kvHeads) Normalise(values, query ? queryNorm : keyNorm, epsilon);
                if (head < heads + kvHeads) Turn(values, turns.AsSpan(positions[token] * headSize, headSize));
                expected.AddRange(values);
                var place = places[token];
                var at = ((place / 32 * 2 * kvHeads + head - heads) * 32 + place % 32) * headSize;
                actual.AddRange(query ? turned.AsSpan((token * all + head) * headSize, headSize) : written.AsSpan(at, headSize));
            }
        numbers.ShouldBeClose([.. actual], [.. expected]);
        written.Count(bits => bits != 0xFFFF).ShouldBeLessThanOrEqualTo(positions.Length * 2 * kvHeads * headSize);     // nothing else was touched
    }

    private static void Normalise(double[] values, ushort[] weight, double epsilon)
    {
        var scale = 1 / Math.Sqrt(values.Sum(value => value * value) / values.Length + epsilon);
        for (var i = 0; i < values.Length; i++) values[i] *= scale * Bf16.Widen(weight[i]);
    }

    private static void Turn(double[] values, ReadOnlySpan<float> turns)
    {
        var half = values.Length / 2;
        for (var i = 0; i < half; i++)
        {
            var (a, b, cos, sin) = (values[i], values[i + half], turns[2 * i], turns[2 * i + 1]);
            (values[i], values[i + half]) = (a * cos - b * sin, b * cos + a * sin);
        }
    }
}
