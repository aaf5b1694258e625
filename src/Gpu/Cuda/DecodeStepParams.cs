using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>What Kernels/DecodeStep.cu reads of a layer, field by field; 0 for an absent tensor or no window.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct StepLayer(
    ulong InputNorm, ulong Qkv, ulong QkvBias, ulong QueryNorm, ulong KeyNorm, ulong Output, ulong OutputBias, ulong PostNorm, ulong GateUp, ulong Down, ulong Pages, long Window);

[StructLayout(LayoutKind.Sequential)]
internal readonly record struct DecodeStepParams(
    ulong Layers, ulong Table, ulong Sources, ulong Sampled, ulong Places, ulong PageTables, ulong Turns, ulong TurnRows, ulong FinalNorm, ulong Head,
    ulong X, ulong Qkv, ulong Attended, ulong Gated, ulong Logits, ulong Partial, ulong LogSum, ulong Counters,
    int Rows, int LayerCount, int Hidden, int Heads, int KvHeads, int Intermediate, int Vocabulary, int SplitKeys, int Splits, float Epsilon, float Scale);
