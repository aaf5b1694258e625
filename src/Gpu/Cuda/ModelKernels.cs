using System.Collections.Immutable;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>The kernels of one model, compiled for its head size.</summary>
internal sealed class ModelKernels : IDisposable
{
    public const int SamplingThreads = 512, ScanThreads = 256;

    private readonly ImmutableArray<CudaModule> modules;

    public ModelKernels(CudaDevice device, ModelConfig model, string? cacheFolder)
    {
        if (Gap(model) is { } gap) throw new NotSupportedException(gap);
        var compiler = new KernelCompiler(device, cacheFolder ?? KernelCompiler.DefaultCacheFolder);
        var head = $"HEAD_SIZE={model.HeadSize}";
        (string File, string[] Defines)[] files =
        [
            ("Embedding.cu", []), ("RmsNorm.cu", []), ("RopeAndPages.cu", [head]), ("SwiGlu.cu", []), ("PrefillAttention.cu", [head]), ("DecodeAttention.cu", [head]),
            ("ScanLogits.cu", []), ("Sample.cu", []), ("SkinnyGemm.cu", ["BATCH_ROWS=8"]),
        ];
        if (HasHopperAttention(device, model.HeadSize)) files = [.. files, ("PrefillAttentionHopper.cu", [head])];
        var loaded = new CudaModule[files.Length];
        Parallel.For(0, files.Length, i => loaded[i] = compiler.Load(files[i].File, files[i].Defines));
        modules = [.. loaded];
        Embedding = modules[0].Kernel("embedding", device);
        RmsNorm = modules[1].Kernel("rms_norm", device);
        RopeAndPages = modules[2].Kernel("rope_and_pages", device);
        SwiGlu = modules[3].Kernel("swiglu", device);
        PrefillAttentionBytes = (RowTile.Rows + 4 * 64) * model.HeadSize * 2;
        PrefillAttention = modules[4].Kernel("prefill_attention", device).AllowShared(PrefillAttentionBytes);
        DecodeAttentionBytes = Math.Max(4 * 3 * 2 * 16 * model.HeadSize * 2, 4 * 16 * (model.HeadSize + 2) * 4);
        DecodeAttention = modules[5].Kernel("decode_attention", device).AllowShared(DecodeAttentionBytes);
        DecodeCombine = modules[5].Kernel("decode_combine", device);
        ScanLogits = modules[6].Kernel("scan_logits", device);
        Sample = modules[7].Kernel("sample", device);
        HopperAttentionBytes = 2 * 64 * model.HeadSize * 2 + 4 * 128 * model.HeadSize * 2 + 1024;
        if (HasHopperAttention(device, model.HeadSize)) HopperAttention = modules[^1].Kernel("prefill_attention_hopper", device).AllowShared(HopperAttentionBytes);
        SkinnyGemm = modules[8].Kernel("skinny_gemm", device);
    }

    public CudaKernel Embedding { get; }
    public CudaKernel RmsNorm { get; }
    public CudaKernel RopeAndPages { get; }
    public CudaKernel SwiGlu { get; }
    public CudaKernel PrefillAttention { get; }

    /// <summary>Prefill attention by Hopper's own instructions; null where the card or the head size has none.</summary>
    public CudaKernel? HopperAttention { get; }

    /// <summary>Dynamic shared memory: the queries, two rounds of 128 keys and values, and room to align them.</summary>
    public int HopperAttentionBytes { get; }

    public CudaKernel DecodeAttention { get; }
    public CudaKernel DecodeCombine { get; }
    public CudaKernel ScanLogits { get; }
    public CudaKernel Sample { get; }

    /// <summary>For up to eight rows.</summary>
    public CudaKernel SkinnyGemm { get; }

    /// <summary>Dynamic shared memory: the queries and two rounds of 64 keys and values.</summary>
    public int PrefillAttentionBytes { get; }

    /// <summary>Dynamic shared memory: four warps' rings of three steps of 16 keys and values, or the warps' results.</summary>
    public int DecodeAttentionBytes { get; }

    public IEnumerable<CudaKernel> All => [Embedding, RmsNorm, RopeAndPages, SwiGlu, PrefillAttention, DecodeAttention, DecodeCombine, ScanLogits, Sample, SkinnyGemm, .. HopperAttention is null ? [] : new[] { HopperAttention }];

    /// <summary>What of the model the kernels don't cover; null when they cover it.</summary>
    public static string? Gap(ModelConfig model) =>
        model.HeadSize is not (16 or 32 or 64 or 128) ? $"Head size {model.HeadSize}: the GPU kernels are written for 16, 32, 64 and 128."
        : model.HeadCount / model.KvHeadCount > 16 ? $"{model.HeadCount / model.KvHeadCount} query heads share a key head; the GPU kernels take up to 16."
        : model.HiddenSize % 8 != 0 || model.IntermediateSize % 8 != 0 ? $"Hidden sizes {model.HiddenSize} and {model.IntermediateSize}: the GPU kernels take multiples of 8."
        : null;

    private static bool HasHopperAttention(CudaDevice device, int headSize) => device.ComputeCapability == 90 && headSize is (64 or 128);

    public void Dispose()
    {
        foreach (var module in modules) module.Dispose();
    }
}
