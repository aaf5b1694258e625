using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>A lane's working memory on the device: one allocation, laid out once, never shared with another stream.</summary>
internal sealed class Arena : IDisposable
{
    /// <summary>Matrix products may compute this many rows past the last.</summary>
    public const int RowPadding = 128;

    /// <summary>cuBLASLt's scratch.</summary>
    public const long WorkspaceBytes = 32 << 20;

    private const int Alignment = 256;

    private readonly DeviceBuffer memory;
    private readonly long[] offsets;

    public Arena(ModelConfig model, CudaRunnerOptions options)
    {
        Rows = options.MaxRows;
        var sizes = Sizes(model, options);
        offsets = new long[sizes.Length];
        for (var i = 1; i < sizes.Length; i++) offsets[i] = offsets[i - 1] + Aligned(sizes[i - 1]);
        memory = new DeviceBuffer(BytesFor(model, options));
    }

    /// <summary>Rows that the head is applied to at once.</summary>
    public int Rows { get; }

    /// <summary>(tokens, hidden) the residual stream. It and Delta live on between the layer slices of a prompt.</summary>
    public ulong X => At(0);

    /// <summary>(tokens, hidden or embedding) what a block reads.</summary>
    public ulong Normed => At(1);

    /// <summary>(tokens, query + 2 kv)</summary>
    public ulong Qkv => At(2);

    /// <summary>(tokens, query)</summary>
    public ulong Attended => At(3);

    /// <summary>(tokens, hidden) what a block gives, added to X by the next norm.</summary>
    public ulong Delta => At(4);

    /// <summary>(tokens, 2 intermediate)</summary>
    public ulong GateUp => At(5);

    /// <summary>(tokens, intermediate)</summary>
    public ulong Gated => At(6);

    /// <summary>(rows, hidden or embedding)</summary>
    public ulong HeadInput => At(7);

    /// <summary>(rows, vocabulary) f32</summary>
    public ulong Logits => At(8);

    /// <summary>(rows, vocabulary) f32, the sampler's</summary>
    public ulong Weights => At(9);

    /// <summary>(rows, vocabulary) i32, zero between steps</summary>
    public ulong Seen => At(10);

    /// <summary>(rows, heads, splits, head size) f32 of decode attention</summary>
    public ulong Partial => At(11);

    /// <summary>(rows, heads, splits) f32</summary>
    public ulong LogSum => At(12);

    /// <summary>(rows, slices) of the scan of the logits</summary>
    public ulong ScanPartial => At(13);

    /// <summary>(rows)</summary>
    public ulong Scans => At(14);

    /// <summary>(rows) i32, zero between steps</summary>
    public ulong Tickets => At(15);

    /// <summary>(slots + 1) i32, the token that this lane sampled last for each; the last takes padding's.</summary>
    public ulong Sampled => At(16);

    public ulong Workspace => At(17);

    /// <summary>Of the whole-step kernel, zero between steps.</summary>
    public ulong Counters => At(18);

    public static long BytesFor(ModelConfig model, CudaRunnerOptions options) => Sizes(model, options).Sum(Aligned);

    /// <summary>Everything to zero, in stream order.</summary>
    public void Clear(CudaStream stream) => memory.Fill(0, stream);

    public void Dispose() => memory.Dispose();

    private static long[] Sizes(ModelConfig model, CudaRunnerOptions options)
    {
        long tokens = options.MaxTokens + RowPadding, rows = options.MaxRows;
        var partials = options.BatchInvariant ? KeySplit.MostFixedPartials(options.MaxRows, options.ModelLength(model)) : KeySplit.MostPartials(options.MaxRows);
        return
        [
            2 * tokens * model.HiddenSize,
            2 * tokens * Math.Max(model.HiddenSize, model.EmbeddingSize),
            2 * tokens * (model.QuerySize + 2 * model.KvSize),
            2 * tokens * model.QuerySize,
            2 * tokens * model.HiddenSize,
            2 * tokens * 2 * model.IntermediateSize,
            2 * tokens * model.IntermediateSize,
            2 * (rows + RowPadding) * Math.Max(model.HiddenSize, model.EmbeddingSize),
            4 * (rows + RowPadding) * model.VocabularySize,
            4 * rows * model.VocabularySize,
            4 * rows * model.VocabularySize,
            4L * partials * model.QuerySize,
            4L * partials * model.HeadCount,
            ScanParams.ScanBytes * rows * ScanParams.SlicesOf(model.VocabularySize),
            ScanParams.ScanBytes * rows,
            4 * rows,
            4 * (options.MaxSequences + 1),
            WorkspaceBytes,
            4 * DecodeStep.CountersOf(model),
        ];
    }

    private static long Aligned(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private ulong At(int part) => memory.Pointer + (ulong)offsets[part];
}
