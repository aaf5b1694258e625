using Splitwiser.Gpu;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;

namespace Splitwiser.Bench;

/// <summary>
/// The kernels at one model's sizes, each against the card's own limits of the same run: bytes over the read rate, operations over the rate of a
/// large matrix product. Weights and pages rotate through memory far larger than the L2 cache.
/// </summary>
internal sealed class KernelBench : IDisposable
{
    private const int MostRows = 8192;

    private readonly ModelConfig model;
    private readonly KernelClock clock;
    private readonly KernelLimits limits;
    private readonly ModelKernels kernels;
    private readonly DeviceBuffer bulk;         // random bf16: weights, pages
    private readonly DeviceBuffer x, y, scratch, workspace, lists;
    private readonly TimedAlgorithms timed;
    private readonly BlasMatMul blas;
    private readonly nint library;
    private long rotation;

    public KernelBench(CudaDevice device, ModelConfig model, KernelClock clock, KernelLimits limits)
    {
        (this.model, this.clock, this.limits) = (model, clock, limits);
        kernels = new ModelKernels(device, model, cacheFolder: null);
        bulk = limits.Bulk;
        var widest = Math.Max(2L * 2 * model.IntermediateSize * MostRows, 4L * model.VocabularySize * 128);
        x = new DeviceBuffer(2L * Math.Max(model.IntermediateSize * 2, model.QuerySize + 2 * model.KvSize) * MostRows);
        y = new DeviceBuffer(widest);
        scratch = new DeviceBuffer(64 << 20);
        workspace = new DeviceBuffer(Arena.WorkspaceBytes);
        lists = new DeviceBuffer(4 << 20);
        limits.FillRandom(x);
        CublasLt.Check(CublasLt.cublasLtCreate(out library));
        timed = new TimedAlgorithms(device, KernelCompiler.DefaultCacheFolder);
        blas = new BlasMatMul(library, workspace.Pointer, timed);
    }

    public IEnumerable<KernelFigure> Products(int[] rowCounts)
    {
        (string Name, int Outputs, int Inputs)[] matrices =
        [
            ("qkv", model.QuerySize + 2 * model.KvSize, model.HiddenSize), ("output", model.HiddenSize, model.QuerySize),
            ("gate+up", 2 * model.IntermediateSize, model.HiddenSize), ("down", model.HiddenSize, model.IntermediateSize), ("head", model.VocabularySize, model.HiddenSize),
        ];
        foreach (var rows in rowCounts)
            foreach (var (name, outputs, inputs) in matrices)
            {
                var wide = name == "head";
                if (wide && rows > 128) continue;
                var bytes = 2L * outputs * inputs;
                var operations = 2.0 * rows * outputs * inputs;
                if (rows <= MatMul.MostSkinnyRows)
                {
                    var skinny = new MatMul(kernels, blas, clock.Device.SmCount);
                    yield return Figure($"{name}, {rows} rows, reader", () => skinny.Run(clock.Stream, Rotated(outputs, inputs), x.Pointer, y.Pointer, rows, wide), bytes, operations);
                }
                yield return Figure($"{name}, {rows} rows, cuBLASLt", () => blas.Run(clock.Stream, Rotated(outputs, inputs), x.Pointer, y.Pointer, rows, wide), bytes, operations);
            }
    }

    public IEnumerable<KernelFigure> DecodeAttention(params (int Rows, int Keys)[] cases)
    {
        foreach (var (rows, keys) in cases)
        {
            var bytes = UploadDecodes(rows, keys);
            var chosen = KeySplit.For(rows, model.KvHeadCount, keys, clock.Device.SmCount);
            foreach (var split in new[] { chosen, new KeySplit(128, (keys + 127) / 128), new KeySplit(256, (keys + 255) / 256), new KeySplit(512, (keys + 511) / 512), new KeySplit(1024, (keys + 1023) / 1024) }.Distinct())
            {
                if (4L * rows * split.Splits * model.QuerySize > scratch.Bytes / 2) continue;
                yield return Figure($"decode attention, {rows} x {keys}, {split.Splits} splits of {split.Keys}{(split == chosen ? " (chosen)" : "")}", () => Attend(clock.Stream, rows, split, bytes), bytes, 0);
            }
        }
    }

    /// <summary>
    /// What a step could hide: a layer's products of a mixed step's rows, and decode attention of other rows beside them, on the whole card and on
    /// parts of it. Together against one after the other, the products on the whole card and then attention.
    /// </summary>
    /// <param name="cases">Rows of the products; rows and keys of decode attention.</param>
    public IEnumerable<KernelFigure> Overlap(params (int Products, int Rows, int Keys)[] cases)
    {
        var partitions = SmPartition.Build(clock.Device, SmSplit.For(clock.Device.SmCount), out _);
        using var attention = new CudaStream(priority: -1);
        foreach (var (products, rows, keys) in cases)
        {
            var bytes = UploadDecodes(rows, keys);
            var whole = KeySplit.For(rows, model.KvHeadCount, keys, clock.Device.SmCount);
            var (multiply, attend) = (clock.Median(() => Multiply(blas, clock.Stream, products)), clock.Median(() => Attend(clock.Stream, rows, whole, bytes)));
            var name = $"products of {products} rows";
            yield return new KernelFigure(name, multiply * 1e6, "us", 2.0 * products * model.WeightsOfLayer() / multiply / 1e12, "TFLOP/s");
            yield return Together($"{name} beside {rows} x {keys}, two streams", clock.Stream, attention, blas, whole);
            foreach (var partition in partitions)
            {
                using var own = new BlasMatMul(library, workspace.Pointer, timed, processors: partition.Split.Prefill);
                using CudaStream first = new(partition[Lane.Prefill], 0), second = new(partition[Lane.Decode], 0);
                yield return Together($"{name} beside {rows} x {keys}, {partition.Split.Prefill} and {partition.Split.Decode} SMs", first, second, own, KeySplit.For(rows, model.KvHeadCount, keys, partition.Split.Decode));
            }

            KernelFigure Together(string what, CudaStream first, CudaStream second, BlasMatMul by, KeySplit split)
            {
                var time = clock.MedianOfTwo(first, () => Multiply(by, first, products), second, () => Attend(second, rows, split, bytes));
                return new KernelFigure(what, time * 1e6, "us", time / (multiply + attend) * 100, "% of both in turn");
            }
        }
        foreach (var partition in partitions) partition.Dispose();
    }

    public IEnumerable<KernelFigure> PrefillAttention(params int[] lengths)
    {
        foreach (var length in lengths)
        {
            var tiles = Enumerable.Range(0, (length + RowTile.Rows - 1) / RowTile.Rows).Reverse().Select(tile => new RowTile(0, tile * RowTile.Rows)).ToArray();
            Upload<SegmentRecord>([new SegmentRecord(0, length, 0, 0)], 0);
            Upload<RowTile>(tiles, 4096);
            Upload<int>(Enumerable.Range(0, PageId.CountFor(length)).ToArray(), 1 << 20);
            var parameters = new PrefillAttentionParams(x.Pointer, y.Pointer, bulk.Pointer, lists.Pointer + (1 << 20), lists.Pointer, lists.Pointer + 4096,
                model.HeadCount, model.KvHeadCount, model.QuerySize + 2 * model.KvSize, 0, 1.4427f / MathF.Sqrt(model.HeadSize));
            yield return Figure($"prefill attention, {length}", () =>
                kernels.PrefillAttention.Launch(clock.Stream, new Grid(tiles.Length, model.HeadCount), kernels.PrefillAttentionThreads, parameters, kernels.PrefillAttentionBytes), 0, 2.0 * length * length * model.QuerySize);
            if (kernels.HopperAttention is not { } hopper) continue;
            var map = TensorMap.Of(bulk.Pointer, bulk.Bytes / (2L * model.HeadSize), model.HeadSize);
            yield return Figure($"prefill attention, Hopper, {length}", () =>
                hopper.Launch(clock.Stream, new Grid(model.HeadCount, tiles.Length), 384, new HopperAttentionParams(map, parameters), kernels.HopperAttentionBytes), 0, 2.0 * length * length * model.QuerySize);
        }
    }

    public IEnumerable<KernelFigure> Rows(params int[] tokenCounts)
    {
        foreach (var tokens in tokenCounts)
        {
            var hidden = model.HiddenSize;
            yield return Figure($"add + RMSNorm, {tokens}", () => kernels.RmsNorm.Launch(clock.Stream, new Grid(tokens), 256,
                new RmsNormParams(x.Pointer, y.Pointer, bulk.Pointer, y.Pointer, 0, hidden, 1e-5f), overlap: true), 8L * tokens * hidden, 0);
            yield return Figure($"SwiGLU, {tokens}", () => kernels.Activate.Launch(clock.Stream, new Grid((model.IntermediateSize / 8 + 255) / 256, tokens), 256,
                new ActivateParams(x.Pointer, y.Pointer, model.IntermediateSize), overlap: true), 6L * tokens * model.IntermediateSize, 0);
            Upload<int>(Enumerable.Range(0, tokens).ToArray(), 0);
            yield return Figure($"RoPE + pages, {tokens}", () => kernels.RopeAndPages.Launch(clock.Stream, new Grid(tokens), 256,
                new RopeParams(x.Pointer, bulk.Pointer, lists.Pointer, lists.Pointer, y.Pointer, 0, 0, model.HeadCount, model.KvHeadCount, 1e-5f), overlap: true),
                4L * tokens * (model.QuerySize + 2 * model.KvSize), 0);
        }
    }

    public IEnumerable<KernelFigure> Registers() => kernels.All.DistinctBy(kernel => kernel.Name)
        .Select(kernel => new KernelFigure($"{kernel.Name}: registers", kernel.Registers, "registers", kernel.LocalBytes, "bytes of local memory"));

    public void Dispose()
    {
        blas.Dispose();
        _ = CublasLt.cublasLtDestroy(library);
        kernels.Dispose();
        foreach (var buffer in new[] { x, y, scratch, workspace, lists }) buffer.Dispose();
    }

    private KernelFigure Figure(string name, Action launch, long bytes, double operations)
    {
        var seconds = clock.Median(launch);
        var byBytes = bytes / limits.BytesPerSecond >= operations / limits.OperationsPerSecond;
        return byBytes ? new KernelFigure(name, seconds * 1e6, "us", bytes / seconds / limits.BytesPerSecond * 100, "% of the read rate")
            : new KernelFigure(name, seconds * 1e6, "us", operations / seconds / 1e12, "TFLOP/s");
    }

    /// <summary>A layer's four products.</summary>
    private void Multiply(BlasMatMul by, CudaStream stream, int rows)
    {
        by.Run(stream, Rotated(model.QuerySize + 2 * model.KvSize, model.HiddenSize), x.Pointer, y.Pointer, rows, wide: false);
        by.Run(stream, Rotated(model.HiddenSize, model.QuerySize), x.Pointer, y.Pointer, rows, wide: false);
        by.Run(stream, Rotated(2 * model.IntermediateSize, model.HiddenSize), x.Pointer, y.Pointer, rows, wide: false);
        by.Run(stream, Rotated(model.HiddenSize, model.IntermediateSize), x.Pointer, y.Pointer, rows, wide: false);
    }

    /// <summary>Rows of equal length with pages all over the pool.</summary>
    /// <returns>Bytes of their keys and values.</returns>
    private long UploadDecodes(int rows, int keys)
    {
        var perRow = PageId.CountFor(keys);
        var tables = Enumerable.Range(0, rows * perRow).ToArray();
        new Random(1).Shuffle(tables);
        Upload<DecodeRecord>(Enumerable.Range(0, rows).Select(row => new DecodeRecord(row, keys - 1, row * perRow)).ToArray(), 0);
        Upload<int>(tables, 1 << 20);
        return 4L * rows * perRow * PageId.Size * model.KvSize;
    }

    private void Attend(CudaStream stream, int rows, KeySplit split, long bytes)
    {
        var parameters = new DecodeAttentionParams(x.Pointer, y.Pointer, Rotate(bytes), lists.Pointer + (1 << 20), lists.Pointer, scratch.Pointer, scratch.Pointer + (32 << 20),
            model.HeadCount, model.KvHeadCount, model.QuerySize + 2 * model.KvSize, split.Keys, split.Splits, 0, 1.4427f / MathF.Sqrt(model.HeadSize));
        kernels.DecodeAttention.Launch(stream, new Grid(split.Splits, model.KvHeadCount, rows), 128, parameters, kernels.DecodeAttentionBytes, overlap: true);
        if (split.Splits > 1) kernels.DecodeCombine.Launch(stream, new Grid(model.HeadCount, rows), model.HeadSize, parameters, overlap: true);
    }

    private DeviceMatrix Rotated(int outputs, int inputs) => new(Rotate(2L * outputs * inputs), 0, outputs, inputs);

    /// <summary>The next piece of the bulk, 256-aligned.</summary>
    private ulong Rotate(long bytes)
    {
        if (rotation + bytes > bulk.Bytes) rotation = 0;
        var at = bulk.Pointer + (ulong)rotation;
        rotation += (bytes + 255) / 256 * 256;
        return at;
    }

    private unsafe void Upload<T>(ReadOnlySpan<T> values, long offset) where T : unmanaged
    {
        fixed (T* from = values) lists.Upload(from, (long)values.Length * sizeof(T), clock.Stream, offset);
        clock.Stream.Synchronize();
    }
}

/// <summary>A measured time or count, and what it means against a limit.</summary>
internal sealed record KernelFigure(string Name, double Value, string Unit, double Rate, string RateUnit);
