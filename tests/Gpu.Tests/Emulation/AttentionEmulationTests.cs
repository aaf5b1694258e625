using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Tests.Kernels;

namespace Splitwiser.Gpu.Tests.Emulation;

/// <summary>The attention kernels on the CPU, in several orders of their threads, against the CPU runner's attention on random shapes.</summary>
public sealed class AttentionEmulationTests
{
    private const double Limit = 1e-2;

    /// <summary>Head size, soft cap or 0.</summary>
    public static TheoryData<int, float> Kinds => new() { { 16, 0 }, { 64, 0 }, { 80, 1.5f }, { 128, 0 }, { 256, 3 } };

    [Theory, InlineData(16, 0), InlineData(64, 0), InlineData(128, 0)]
    public void Prefill_attention_is_the_cpu_runners(int headSize, float cap) => ComparePrefill(headSize, cap);

    [Theory, InlineData(80, 1.5f), InlineData(256, 3), Trait("Category", "Long")]
    public void Prefill_attention_with_capped_scores_is_the_cpu_runners(int headSize, float cap) => ComparePrefill(headSize, cap);

    [Theory, InlineData(64), InlineData(128)]
    public void Prefill_attention_by_warpgroups_is_the_cpu_runners(int headSize)
    {
        var kernel = HostKernel.Of("PrefillAttentionHopper.cu", "prefill_attention_hopper", $"HEAD_SIZE={headSize}");
        foreach (var order in Orders(headSize)) Distance(kernel, new Numbers(), headSize, 0, order, hopper: true).ShouldBeLessThan(Limit, $"order {order}");
    }

    private static void ComparePrefill(int headSize, float cap)
    {
        var kernel = HostKernel.Of("PrefillAttention.cu", "prefill_attention", $"HEAD_SIZE={headSize} SOFTCAP={(cap > 0 ? 1 : 0)}");
        foreach (var order in Orders(headSize)) Distance(kernel, new Numbers(), headSize, cap, order).ShouldBeLessThan(Limit, $"order {order}");
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Decode_attention_is_the_cpu_runners(int headSize, float cap)
    {
        var defines = $"HEAD_SIZE={headSize} SOFTCAP={(cap > 0 ? 1 : 0)}";
        var (attention, combine) = (HostKernel.Of("DecodeAttention.cu", "decode_attention", defines), HostKernel.Of("DecodeAttention.cu", "decode_combine", defines));
        foreach (var order in Orders(headSize)) DecodeDistance(attention, combine, new Numbers(), headSize, cap, order).ShouldBeLessThan(Limit, $"order {order}");
    }

    /// <summary>The emulation is worth something only if it finds what is wrong: errors that a reader could overlook, one at a time.</summary>
    [Theory]
    [InlineData("        __syncthreads();    // the buffer may be filled again\n", "")]
    [InlineData("            copy_wait<1>();\n", "            copy_wait<2>();\n")]
    [InlineData("            copy_wait<1>();\n        }\n        else copy_wait<0>();\n        __syncthreads();\n", "            copy_wait<1>();\n        }\n        else copy_wait<0>();\n")]
    [InlineData("key > position", "key >= position")]
    [InlineData("lane % 8 + lane / 8 % 2 * 8, n * 2 + lane / 16", "lane % 8 + lane / 16 * 8, n * 2 + lane / 8 % 2")]
    [InlineData("high = fmaxf(high, __shfl_xor_sync(ALL_LANES, high, 2));\n", "")]
    public void An_error_planted_in_prefill_attention_is_found(string right, string wrong)
    {
        var kernel = HostKernel.Of("PrefillAttention.cu", "prefill_attention", "HEAD_SIZE=16 SOFTCAP=0", (right, wrong));
        Enumerable.Range(0, 3 * HostKernel.Orders).Any(order => !(Distance(kernel, new Numbers(order), 16, 0, order) < Limit)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("n * 8 + i > newest", "n * 8 + i >= newest")]
    [InlineData("    sync_warpgroup(1 + consumer);\n", "")]
    public void An_error_planted_in_attention_by_warpgroups_is_found(string right, string wrong)
    {
        var kernel = HostKernel.Of("PrefillAttentionHopper.cu", "prefill_attention_hopper", "HEAD_SIZE=64", (right, wrong));
        Enumerable.Range(0, 3 * HostKernel.Orders).Any(order => !(Distance(kernel, new Numbers(order), 64, 0, order, hopper: true) < Limit)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("    __syncthreads();        // the rings become the warps' results\n", "")]
    [InlineData("copy_wait<STAGES - 1>();", "copy_wait<STAGES>();")]
    [InlineData("key >= end || key < firstKey", "key > end || key < firstKey")]
    public void An_error_planted_in_decode_attention_is_found(string right, string wrong)
    {
        const string defines = "HEAD_SIZE=16 SOFTCAP=0";
        var (attention, combine) = (HostKernel.Of("DecodeAttention.cu", "decode_attention", defines, (right, wrong)), HostKernel.Of("DecodeAttention.cu", "decode_combine", defines));
        Enumerable.Range(0, 3 * HostKernel.Orders).Any(order => !(DecodeDistance(attention, combine, new Numbers(order), 16, 0, order) < Limit)).ShouldBeTrue();
    }

    /// <summary>Large heads take the first order and the last: they differ from small ones in sizes only.</summary>
    private static int[] Orders(int headSize) => headSize > 80 ? [0, HostKernel.Orders - 1] : [.. Enumerable.Range(0, HostKernel.Orders)];

    /// <summary>How far the kernel is from the CPU runner on segments of a random shape; infinite when it went wrong.</summary>
    private static double Distance(HostKernel kernel, Numbers numbers, int headSize, float cap, int order, bool hopper = false)
    {
        var kvHeads = headSize > 80 ? 1 : 1 + numbers.Next(2);
        var heads = kvHeads * (1 + numbers.Next(2));
        var window = order % 2 == 0 ? 0 : 1 + numbers.Next(150);
        (int Offset, int Count)[] parts = [(0, 1 + numbers.Next(20)), (numbers.Next(90), 100 + numbers.Next(60)), (150 + numbers.Next(60), 1 + numbers.Next(3))];
        var pages = new PagedCase(numbers, heads, kvHeads, headSize, [.. parts.Select(part => part.Offset + part.Count)]) { Cap = cap };
        var (rows, rowStride) = (parts.Sum(part => part.Count), (heads + 2 * kvHeads) * headSize);
        var qkv = numbers.Bf16s(rows * rowStride, 2);
        var (lists, starts) = pages.Lists();
        var (segments, tiles) = PagedCase.Cut(parts, starts);
        using var hostQkv = new HostArray<ushort>(qkv);
        using var hostPages = new HostArray<ushort>(pages.Pages);
        using var hostLists = new HostArray<int>(lists);
        using var hostSegments = new HostArray<SegmentRecord>(segments);
        using var hostTiles = new HostArray<RowTile>([.. tiles]);
        using var output = new HostArray<ushort>(rows * heads * headSize);
        var parameters = new PrefillAttentionParams(hostQkv.Pointer, output.Pointer, hostPages.Pointer, hostLists.Pointer, hostSegments.Pointer, hostTiles.Pointer,
            heads, kvHeads, rowStride, window, pages.Scale, pages.ScoreCap);
        var flaw = hopper ? kernel.Run(new Grid(heads, tiles.Count), 384, new HopperAttentionParams(HostMap.Of(hostPages.Pointer, pages.Pages.Length / headSize, headSize, 32), parameters), order)
            : kernel.Run(new Grid(tiles.Count, heads), headSize > 128 ? 256 : 128, parameters, order);
        if (flaw is not null) return double.PositiveInfinity;

        using var twin = new CpuTwin();
        var expected = new List<double>();
        for (int i = 0, row = 0; i < parts.Length; row += parts[i++].Count)
            expected.AddRange(twin.Attend(pages, i, parts[i].Offset, parts[i].Count, qkv.AsSpan(row * rowStride, parts[i].Count * rowStride), window));
        return Numbers.Distance(Numbers.Widen(output.Span.ToArray()), [.. expected]);
    }

    private static double DecodeDistance(HostKernel attention, HostKernel combine, Numbers numbers, int headSize, float cap, int order)
    {
        var kvHeads = 1 + numbers.Next(2);
        var heads = kvHeads * (1 + numbers.Next(16));
        var window = order % 2 == 0 ? 0 : 1 + numbers.Next(150);
        int[] positions = [0, numbers.Next(40), 100 + numbers.Next(200), 300 + numbers.Next(100)];
        var pages = new PagedCase(numbers, heads, kvHeads, headSize, [.. positions.Select(position => position + 1)]) { Cap = cap };
        var rowStride = (heads + 2 * kvHeads) * headSize;
        var qkv = numbers.Bf16s(positions.Length * rowStride, 2);
        var (lists, starts) = pages.Lists();
        var splitKeys = 64 << numbers.Next(4);
        var splits = (400 + splitKeys - 1) / splitKeys;
        using var hostQkv = new HostArray<ushort>(qkv);
        using var hostPages = new HostArray<ushort>(pages.Pages);
        using var hostLists = new HostArray<int>(lists);
        using var rows = new HostArray<DecodeRecord>([.. positions.Select((position, i) => new DecodeRecord(i, position, starts[i]))]);
        using var output = new HostArray<ushort>(positions.Length * heads * headSize);
        using var partial = new HostArray<float>(positions.Length * heads * splits * headSize);
        using var logSum = new HostArray<float>(positions.Length * heads * splits);
        var parameters = new DecodeAttentionParams(hostQkv.Pointer, output.Pointer, hostPages.Pointer, hostLists.Pointer, rows.Pointer, partial.Pointer, logSum.Pointer,
            heads, kvHeads, rowStride, splitKeys, splits, window, pages.Scale, pages.ScoreCap);
        if (attention.Run(new Grid(splits, kvHeads, positions.Length), 128, parameters, order) is not null) return double.PositiveInfinity;
        if (combine.Run(new Grid(heads, positions.Length), headSize, parameters, order) is not null) return double.PositiveInfinity;

        using var twin = new CpuTwin();
        var expected = positions.SelectMany((position, i) => twin.Attend(pages, i, position, 1, qkv.AsSpan(i * rowStride, rowStride), window)).ToArray();
        return Numbers.Distance(Numbers.Widen(output.Span.ToArray()), expected);
    }
}
