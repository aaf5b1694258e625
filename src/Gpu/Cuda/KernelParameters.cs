using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

// The parameter structs of the kernels, field by field as in src/Gpu/Kernels; device pointers are ulong. The ABI tests compare the sizes.

[StructLayout(LayoutKind.Sequential)]
internal readonly record struct EmbeddingParams(ulong Table, ulong Sources, ulong Sampled, ulong X, ulong Positions, ulong Learned, int Dim, int Offset, int LearnedRows, float Scale);

[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RmsNormParams(ulong X, ulong Delta, ulong Weight, ulong Y, ulong Rows, int Dim, float Epsilon, float Offset = 0);

[StructLayout(LayoutKind.Sequential)]
internal readonly record struct LayerNormParams(ulong X, ulong Delta, ulong Weight, ulong Bias, ulong Y, ulong Rows, int Dim, float Epsilon);

[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RopeParams(
    ulong Qkv, ulong Turns, ulong Positions, ulong Places, ulong Pages, ulong QueryNorm, ulong KeyNorm, int Heads, int KvHeads, float Epsilon);

[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ActivateParams(ulong X, ulong Y, int Dim);

[StructLayout(LayoutKind.Sequential)]
internal readonly record struct CapLogitsParams(ulong X, long Count, float Cap);

/// <summary>Scores s become Cap tanh(s / Cap); Slope turns a product of query and key into 2 log2(e) s / Cap. Not read without a cap.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ScoreCap(float Cap, float Slope);

[StructLayout(LayoutKind.Sequential)]
internal readonly record struct PrefillAttentionParams(
    ulong Q, ulong O, ulong Pages, ulong PageTables, ulong Segments, ulong Tiles, int Heads, int KvHeads, int RowStride, int Window, float Scale, ScoreCap Cap = default);

/// <summary>As <see cref="PrefillAttentionParams"/>, with the pages as a tensor map; the compiled struct is aligned to 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 192)]
internal readonly struct HopperAttentionParams(in TensorMap pool, in PrefillAttentionParams of)
{
    public readonly TensorMap Pool = pool;
    public readonly ulong Q = of.Q, O = of.O, PageTables = of.PageTables, Segments = of.Segments, Tiles = of.Tiles;
    public readonly int Heads = of.Heads, KvHeads = of.KvHeads, RowStride = of.RowStride, Window = of.Window;
    public readonly float Scale = of.Scale;
}

[StructLayout(LayoutKind.Sequential)]
internal readonly record struct DecodeAttentionParams(
    ulong Q, ulong O, ulong Pages, ulong PageTables, ulong Rows, ulong Partial, ulong LogSum,
    int Heads, int KvHeads, int RowStride, int SplitKeys, int Splits, int Window, float Scale, ScoreCap Cap = default, int Beside = 0);

[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SkinnyGemmParams(ulong X, ulong W, ulong Bias, ulong Residual, ulong Y, int Rows, int N, int K, int Wide, int Gated);

[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ScanParams(
    ulong Logits, ulong Rows, ulong Header, ulong Partial, ulong Scans, ulong Tickets, ulong Sampled, int Vocabulary, int Slices)
{
    /// <summary>Logits that one block reads.</summary>
    public const int Slice = 4096;

    /// <summary>Bytes of one Scan.</summary>
    public const int ScanBytes = 12;

    public static int SlicesOf(int vocabulary) => (vocabulary + Slice - 1) / Slice;
}

[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SampleParams(
    ulong Logits, ulong Rows, ulong Header, ulong Scans, ulong Lists, ulong Sampled, ulong Weights, ulong Seen, int Vocabulary);

[StructLayout(LayoutKind.Sequential)]
internal readonly record struct PoolParams(ulong X, ulong Pools, ulong Header, int Dim)
{
    /// <summary>Columns that one block adds up.</summary>
    public const int Columns = 64;
}

[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ScoreParams(ulong Logits, ulong Records, ulong Header, int First, int Vocabulary);

[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SmIdsParams(ulong Ids, long Cycles);
