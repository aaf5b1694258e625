using Splitwiser.Gpu.Cuda;

namespace Splitwiser.Bench;

/// <summary>What this card can do today: the rate of a kernel that only reads, and of one large matrix product on random numbers.</summary>
internal sealed unsafe class KernelLimits : IDisposable
{
    private const int ProductSize = 8192;
    private const long BulkBytes = 4L << 30;
    private const string Reader = """
        #include "Common.cuh"
        struct ReadParams { const uint4* from; i64 count; u32* sink; };
        extern "C" __global__ void __launch_bounds__(512) read_all(const __grid_constant__ ReadParams p)
        {
            u32 sum = 0;
            const i64 step = (i64)gridDim.x * 512;
            for (i64 i = (i64)blockIdx.x * 512 + threadIdx.x; i + 7 * step < p.count; i += 8 * step)
            {
                uint4 v[8];
        #pragma unroll
                for (int j = 0; j < 8; ++j)
                    asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];" : "=r"(v[j].x), "=r"(v[j].y), "=r"(v[j].z), "=r"(v[j].w) : "l"(p.from + i + j * step));
        #pragma unroll
                for (int j = 0; j < 8; ++j) sum ^= v[j].x ^ v[j].y ^ v[j].z ^ v[j].w;
            }
            if (sum == 0x12345678u) *p.sink = sum;
        }
        """;

    private readonly KernelClock clock;

    public KernelLimits(KernelClock clock)
    {
        this.clock = clock;
        Bulk = new DeviceBuffer(BulkBytes);
        FillRandom(Bulk);
        OperationsPerSecond = MeasureProduct();
        BytesPerSecond = MeasureRead();
    }

    /// <summary>Random numbers, far larger than the caches.</summary>
    public DeviceBuffer Bulk { get; }

    public double BytesPerSecond { get; }
    public double OperationsPerSecond { get; }

    public void FillRandom(DeviceBuffer buffer)
    {
        var random = new Random(1);
        var piece = new ushort[8 << 20];
        for (var i = 0; i < piece.Length; i++) piece[i] = Bf16.Round((random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f) * 0.1f);
        fixed (ushort* from = piece)
            for (var at = 0L; at < buffer.Bytes; at += 2L * piece.Length) buffer.Upload(from, Math.Min(2L * piece.Length, buffer.Bytes - at), clock.Stream, at);
        clock.Stream.Synchronize();
    }

    public void Dispose() => Bulk.Dispose();

    private double MeasureProduct()
    {
        using var workspace = new DeviceBuffer(Arena.WorkspaceBytes);
        using var y = new DeviceBuffer(2L * ProductSize * ProductSize);
        CublasLt.Check(CublasLt.cublasLtCreate(out var library));
        using var blas = new BlasMatMul(library, workspace.Pointer, timed: null);
        var matrix = new DeviceMatrix(Bulk.Pointer, 0, ProductSize, ProductSize);
        void Launch() => blas.Run(clock.Stream, matrix, Bulk.Pointer + (1ul << 30), y.Pointer, ProductSize, wide: false);
        clock.Warm(Launch, 3);
        return 2.0 * ProductSize * ProductSize * ProductSize / clock.Median(Launch);
    }

    private double MeasureRead()
    {
        using var module = new KernelCompiler(clock.Device, KernelCompiler.DefaultCacheFolder).LoadSource("ReadAll.cu", Reader);
        using var sink = new DeviceBuffer(4);
        var kernel = module.Kernel("read_all", clock.Device);
        return Bulk.Bytes / clock.Median(() => kernel.Launch(clock.Stream, new Grid(clock.Device.SmCount * 4), 512, new ReadParams(Bulk.Pointer, Bulk.Bytes / 16, sink.Pointer)));
    }

    private readonly record struct ReadParams(ulong From, long Count, ulong Sink);
}
