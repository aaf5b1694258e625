using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

// What a step uploads, field by field as the kernels read it.

/// <summary>An input token: its id, or the slot whose last sampled token it is.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TokenSource(int FromSlot, int Value);

/// <summary>Positions of one sequence in the batch; FirstPage is where its page table starts in the lists.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SegmentRecord(int FirstRow, int Count, int Offset, int FirstPage);

/// <summary>128 rows of a segment: what one block of prefill attention computes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RowTile(int Segment, int FirstRow)
{
    public const int Rows = 128;
}

/// <summary>One decode row of the batch.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct DecodeRecord(int Row, int Position, int FirstPage);

/// <summary>Addresses of the pinned memory that takes the step's results.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct StepHeader(ulong Results, ulong TopCounts, ulong Tops);

/// <summary>Addresses of the pinned memory that takes what probes want: scores as a step's results, and the sums of hidden states.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ProbeHeader(StepHeader Scores, ulong Sums);

/// <summary>Rows of the batch whose hidden states are added up.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct PoolRecord(int First, int Count);

/// <summary>The token that is scored, and how many of the most likely ones are reported beside it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ScoredRecord(int Token, int Tops);

/// <summary>How one row is sampled; Kernels/Sampling.cuh tells the fields.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SampleRecord
{
    public ulong Seed;
    public float Temperature, TopP, MinP, Repetition, Presence, Frequency;
    public int TopK;
    public int Slot;
    public int Position;
    public int OutputStart;
    public int Tokens, TokenCount;
    public int Feedback;
    public int Biases, BiasCount;
    public int Banned, BannedCount;
    public int TopLogprobs;
    public int Plain;
    public int Allowed;

    /// <summary>Most top logprobs of a row.</summary>
    public const int TopLimit = 32;
}
