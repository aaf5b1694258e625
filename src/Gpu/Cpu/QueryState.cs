using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Cpu;

/// <summary>A query under way through the pages: maximum and sum of the online softmax, and the output before division by the sum.</summary>
/// <param name="query">(d)</param>
/// <param name="output">(d padded to whole vectors) zeros at first.</param>
/// <param name="from">First position it sees.</param>
/// <param name="to">One past the last.</param>
internal unsafe struct QueryState(float* query, float* output, int from, int to)
{
    public readonly float* Query = query, Output = output;
    public readonly int From = from, To = to;
    public float Maximum = float.NegativeInfinity, Sum = 0;

    /// <summary>By which what was added before the last page had to shrink.</summary>
    public float Rescale = 1;

    /// <summary>What it sees of a page: the first of its 32 positions and one past the last; nothing when they are equal.</summary>
    public readonly (int From, int To) SeenOf(int page)
    {
        var from = Math.Clamp(From - page * PageId.Size, 0, PageId.Size);
        return (from, Math.Clamp(To - page * PageId.Size, from, PageId.Size));
    }
}
