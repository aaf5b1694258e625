using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// (positions, rotarySize / 2) {cos, sin} of every position's turns, on the device: singles, as transformers computes them. Where long
/// sequences have frequencies of their own, their table follows the first.
/// </summary>
internal sealed unsafe class RopeTurns : IDisposable
{
    private readonly RopeConfig rope;
    private readonly int positions;
    private readonly DeviceBuffer memory;

    public RopeTurns(RopeConfig rope, int headSize, int positions, CudaStream stream)
    {
        (this.rope, this.positions) = (rope, positions);
        float[][] tables = rope.IsExtended(positions) ? [rope.InverseFrequencies(headSize), rope.InverseFrequencies(headSize, extended: true)] : [rope.InverseFrequencies(headSize)];
        var pairs = tables[0].Length;
        var bytes = (long)tables.Length * positions * pairs * 2 * sizeof(float);
        using var staging = new PinnedBuffer(bytes);
        var turns = (float*)staging.Pointer;
        Parallel.For(0, tables.Length * positions, at =>
        {
            var (frequencies, position) = (tables[at / positions], at % positions);
            var row = turns + (long)at * pairs * 2;
            for (var i = 0; i < pairs; i++)
            {
                var (sin, cos) = MathF.SinCos(position * frequencies[i]);
                (row[2 * i], row[2 * i + 1]) = (cos * rope.Magnitude, sin * rope.Magnitude);
            }
        });
        memory = new DeviceBuffer(bytes);
        memory.Upload(turns, bytes, stream);
        stream.Synchronize();
    }

    public ulong Pointer => memory.Pointer;

    /// <summary>The table's row for a position of a sequence of so many tokens.</summary>
    public int RowOf(int position, int length) => rope.IsExtended(length) ? positions + position : position;

    public void Dispose() => memory.Dispose();
}
