using System.Collections.Immutable;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>The kernels of one model, compiled for its head size.</summary>
internal sealed class ModelKernels : IDisposable
{
    public const int SamplingThreads = 512, ScanThreads = 256, PoolThreads = 256;

    private readonly ImmutableArray<CudaModule> modules;

    public ModelKernels(CudaDevice device, ModelConfig model, string? cacheFolder)
    {
        if (Gap(model) is { } gap) throw new NotSupportedException(gap);
        var compiler = new KernelCompiler(device, cacheFolder ?? KernelCompiler.DefaultCacheFolder);
        var head = $"HEAD_SIZE={model.HeadSize}";
        var cap = $"SOFTCAP={(model.AttentionSoftcap is null ? 0 : 1)}";
        (string File, string[] Defines)[] files =
        [
            ("Embedding.cu", []), ("RmsNorm.cu", []), ("RopeAndPages.cu", [head, $"ROTARY_SIZE={model.Rope?.RotarySize(model.HeadSize) ?? 0}"]),
            ("Activate.cu", [$"FUNCTION={(int)model.Activation}", $"GATED={(model.GatedMlp ? 1 : 0)}"]), ("PrefillAttention.cu", [head, cap]), ("DecodeAttention.cu", [head, cap]),
            ("ScanLogits.cu", []), ("Sample.cu", []), ("SkinnyGemm.cu", ["BATCH_ROWS=8"]), ("LayerNorm.cu", []), ("CapLogits.cu", []),
            ("PoolRows.cu", []), ("ScorePrompt.cu", []),
        ];
        var hopper = HasHopperAttention(device, model);
        if (hopper) files = [.. files, ("PrefillAttentionHopper.cu", [head])];
        var whole = DecodeStep.Fits(device, model);
        if (whole) files = [.. files, ("DecodeStep.cu", [head])];
        var loaded = new CudaModule[files.Length];
        Parallel.For(0, files.Length, i => loaded[i] = compiler.Load(files[i].File, files[i].Defines));
        modules = [.. loaded];
        Embedding = modules[0].Kernel("embedding", device);
        RmsNorm = modules[1].Kernel("rms_norm", device);
        RopeAndPages = modules[2].Kernel("rope_and_pages", device);
        Activate = modules[3].Kernel("activate", device);
        var rowBytes = SharedRowBytes(model.HeadSize);
        var large = model.HeadSize > 128;
        PrefillAttentionThreads = large ? 256 : 128;
        PrefillAttentionBytes = (RowTile.Rows + 4 * (large ? 32 : 64)) * rowBytes;
        PrefillAttention = modules[4].Kernel("prefill_attention", device).AllowShared(PrefillAttentionBytes);
        DecodeAttentionBytes = Math.Max(4 * (large ? 2 : 3) * 2 * 16 * rowBytes, 4 * 16 * (model.HeadSize + 2) * 4);
        DecodeAttention = modules[5].Kernel("decode_attention", device).AllowShared(DecodeAttentionBytes);
        DecodeCombine = modules[5].Kernel("decode_combine", device);
        ScanLogits = modules[6].Kernel("scan_logits", device);
        Sample = modules[7].Kernel("sample", device);
        HopperAttentionBytes = 2 * 64 * model.HeadSize * 2 + 4 * 128 * model.HeadSize * 2 + 1024;
        if (hopper) HopperAttention = modules[13].Kernel("prefill_attention_hopper", device).AllowShared(HopperAttentionBytes);
        if (whole) WholeStep = modules[^1].Kernel("decode_step", device).AllowShared(DecodeStep.SharedBytes);
        SkinnyGemm = modules[8].Kernel("skinny_gemm", device);
        LayerNorm = modules[9].Kernel("layer_norm", device);
        CapLogits = modules[10].Kernel("cap_logits", device);
        PoolRows = modules[11].Kernel("pool_rows", device);
        ScorePrompt = modules[12].Kernel("score_prompt", device);
        foreach (var kernel in All) kernel.Load();
    }

    public CudaKernel Embedding { get; }
    public CudaKernel RmsNorm { get; }
    public CudaKernel LayerNorm { get; }

    /// <summary>Final logits under a soft cap.</summary>
    public CudaKernel CapLogits { get; }

    public CudaKernel RopeAndPages { get; }

    /// <summary>The model's activation, gated if the model gates.</summary>
    public CudaKernel Activate { get; }

    public CudaKernel PrefillAttention { get; }

    /// <summary>Prefill attention by Hopper's own instructions; null where the card or the head size has none.</summary>
    public CudaKernel? HopperAttention { get; }

    /// <summary>Dynamic shared memory: the queries, two rounds of 128 keys and values, and room to align them.</summary>
    public int HopperAttentionBytes { get; }

    public CudaKernel DecodeAttention { get; }
    public CudaKernel DecodeCombine { get; }
    public CudaKernel ScanLogits { get; }
    public CudaKernel Sample { get; }

    /// <summary>Sums of hidden states, for probes.</summary>
    public CudaKernel PoolRows { get; }

    /// <summary>Logprobs of a prompt's own tokens, for probes.</summary>
    public CudaKernel ScorePrompt { get; }

    /// <summary>For up to eight rows.</summary>
    public CudaKernel SkinnyGemm { get; }

    /// <summary>A whole step of a few rows; null where the card or the model has none.</summary>
    public CudaKernel? WholeStep { get; }

    /// <summary>Dynamic shared memory: the queries and two rounds of 64 keys and values, 32 of large heads.</summary>
    public int PrefillAttentionBytes { get; }

    public int PrefillAttentionThreads { get; }

    /// <summary>Dynamic shared memory: four warps' rings of three steps, two of large heads, of 16 keys and values, or the warps' results.</summary>
    public int DecodeAttentionBytes { get; }

    public IEnumerable<CudaKernel> All => [Embedding, RmsNorm, LayerNorm, CapLogits, RopeAndPages, Activate, PrefillAttention, DecodeAttention, DecodeCombine, ScanLogits, Sample, PoolRows, ScorePrompt, SkinnyGemm, .. new[] { HopperAttention, WholeStep }.OfType<CudaKernel>()];

    /// <summary>What of the model the kernels don't cover; null when they cover it.</summary>
    public static string? Gap(ModelConfig model) =>
        model.HeadSize % 16 != 0 || model.HeadSize > 256 ? $"Head size {model.HeadSize}: the GPU kernels take multiples of 16 up to 256."
        : model.HeadCount / model.KvHeadCount > 16 ? $"{model.HeadCount / model.KvHeadCount} query heads share a key head; the GPU kernels take up to 16."
        : new[] { model.HiddenSize, model.IntermediateSize, model.EmbeddingSize }.Any(size => size % 8 != 0)
            ? $"Hidden sizes {model.HiddenSize}, {model.IntermediateSize} and {model.EmbeddingSize}: the GPU kernels take multiples of 8."
        : model.HiddenSize > 16384 ? $"Hidden size {model.HiddenSize}: the GPU kernels take up to 16384."
        : null;

    private static bool HasHopperAttention(CudaDevice device, ModelConfig model) => device.ComputeCapability == 90 && model.HeadSize is (64 or 128) && model.AttentionSoftcap is null;

    /// <summary>ROW_BYTES of Mma.cuh.</summary>
    private static int SharedRowBytes(int headSize) => int.IsPow2(headSize) ? 2 * headSize : 2 * headSize + 16;

    public void Dispose()
    {
        foreach (var module in modules) module.Dispose();
    }
}
