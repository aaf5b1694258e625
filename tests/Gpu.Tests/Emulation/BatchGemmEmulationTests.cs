using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Cuda;

namespace Splitwiser.Gpu.Tests.Emulation;

/// <summary>Products of a batch of decode rows on the CPU against the CPU runner's, with tiles that several blocks share.</summary>
public sealed unsafe class BatchGemmEmulationTests
{
    [Theory]
    [InlineData(32), InlineData(64), InlineData(128)]
    public void Products_of_a_batch_are_the_cpu_runners(int variant)
    {
        var kernel = HostKernel.Of("BatchGemm.cu", "batch_gemm", $"BATCH_ROWS={variant}");
        for (var order = 0; order < HostKernel.Orders; order++)
        {
            var numbers = new Numbers();
            Distance(kernel, numbers, variant, order, blocks: 1 + numbers.Next(9)).ShouldBeLessThan(6e-3, $"order {order}, seed {numbers.Seed}");
        }
    }

    [Fact]
    public void A_block_may_have_a_single_piece() =>
        Distance(HostKernel.Of("BatchGemm.cu", "batch_gemm", "BATCH_ROWS=32"), new Numbers(), 32, order: 3, blocks: 1000).ShouldBeLessThan(6e-3);

    [Theory]
    [InlineData("            barrier_wait(ring.full(i), i / STAGES & 1);\n", ""), InlineData("        barrier_wait(ring.empty(i), (i / STAGES + 1) & 1);\n", "")]
    public void A_wait_left_out_of_the_ring_is_found(string wait, string nothing)
    {
        var kernel = HostKernel.Of("BatchGemm.cu", "batch_gemm", "BATCH_ROWS=32", (wait, nothing));
        Enumerable.Range(0, 2 * HostKernel.Orders).Any(order => !(Distance(kernel, new Numbers(order + 1), 32, order, blocks: 1) < 6e-3)).ShouldBeTrue();
    }

    private static double Distance(HostKernel kernel, Numbers numbers, int variant, int order, int blocks)
    {
        var (rows, n, k) = (1 + numbers.Next(variant), 1 + numbers.Next(300), 64 * (6 + numbers.Next(6)));
        var wide = order % 2 == 1;
        var (x, w, bias) = (numbers.Bf16s(rows * k), numbers.Bf16s(n * k, 0.1f), order < 2 ? numbers.Bf16s(n) : null);
        using var hostX = new HostArray<ushort>(x);
        using var hostW = new HostArray<ushort>(w);
        using var hostBias = new HostArray<ushort>(bias ?? []);
        using var y = new HostArray<ushort>(rows * n * (wide ? 2 : 1));
        using var parts = new HostArray<float>(2 * blocks * BatchGemm.Tile * variant);
        using var tickets = new HostArray<int>(new int[BatchGemm.TicketsFor(n)]);
        var parameters = new BatchGemmParams(HostMap.Of(hostW.Pointer, n, k, BatchGemm.Tile), HostMap.Of(hostX.Pointer, rows, k, variant), bias is null ? 0 : hostBias.Pointer, y.Pointer, parts.Pointer, tickets.Pointer, rows, n, k, wide ? 1 : 0);
        if (kernel.Run(new Grid(BatchGemm.BlocksFor(new DeviceMatrix(0, 0, n, k), blocks)), 288, parameters, order) is { } flaw)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{rows} x {n} x {k}, {blocks} blocks, order {order}: {flaw}");
            return double.PositiveInfinity;
        }
        tickets.Span.ToArray().ShouldAllBe(ticket => ticket == 0);

        using var twin = new CpuTwin();
        var expected = twin.Room(rows * n);
        CpuTwin.Run(new Cpu.MatMul { X = twin.Floats(x), Rows = rows, YStride = n, First = new Projection(twin.Matrix(w, n, k, bias), expected) });
        var actual = wide ? [.. System.Runtime.InteropServices.MemoryMarshal.Cast<ushort, float>(y.Span).ToArray().Select(value => (double)value)] : Numbers.Widen(y.Span.ToArray());
        return Numbers.Distance(actual, CpuTwin.Doubles(expected, rows * n));
    }
}
