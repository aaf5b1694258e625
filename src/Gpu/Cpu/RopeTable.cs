using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>The frequencies of a rotary embedding: one list, or two where long sequences have their own.</summary>
internal sealed class RopeTable(RopeConfig rope, int headSize)
{
    private readonly float[] frequencies = rope.InverseFrequencies(headSize), extended = rope.InverseFrequencies(headSize, extended: true);

    /// <summary>Elements of a head that turn.</summary>
    public int RotarySize => 2 * frequencies.Length;

    public float Magnitude => rope.Magnitude;

    /// <summary>(RotarySize / 2) radians per position for a row: how long its sequence is decides.</summary>
    public float[] For(in BatchRow row) => rope.IsExtended(Math.Max(row.Sequence.TokenCount, row.Position + 1)) ? extended : frequencies;
}
