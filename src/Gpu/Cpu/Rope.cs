using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// Rotary position embedding (Su et al., arXiv 2104.09864), in place, pairs half a head apart: for i in 0 .. d/2-1 and the angle of row and pair
/// (x[i], x[i+d/2]) = (x[i] cos - x[i+d/2] sin, x[i+d/2] cos + x[i] sin). A part is 8 rows. Bound: memory, 8 * rows * heads * d bytes.
/// </summary>
internal readonly unsafe struct Rope : IKernel
{
    private const int RowsPerPart = 8;

    /// <summary>(rows, heads, d), rows <see cref="XStride"/> apart: the query heads, then the key heads.</summary>
    public required float* X { get; init; }

    public required int XStride { get; init; }

    /// <summary>(rows, 2, d/2) cosines, then sines.</summary>
    public required float* Angles { get; init; }

    public required int Rows { get; init; }
    public required int Heads { get; init; }
    public required int HeadSize { get; init; }

    public int Parts => (Rows + RowsPerPart - 1) / RowsPerPart;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Part(int index)
    {
        var half = HeadSize / 2;
        for (var row = index * RowsPerPart; row < Math.Min(Rows, (index + 1) * RowsPerPart); row++)
        {
            var angles = Angles + (long)row * HeadSize;
            for (var head = 0; head < Heads; head++)
            {
                var x = X + (long)row * XStride + head * HeadSize;
                for (var i = 0; i < half; i += Lanes.Width)
                {
                    var (cos, sin) = (Lanes.Load(angles + i, half - i), Lanes.Load(angles + half + i, half - i));
                    var (a, b) = (Lanes.Load(x + i, half - i), Lanes.Load(x + half + i, half - i));
                    Lanes.Store(a * cos - b * sin, x + i, half - i);
                    Lanes.Store(b * cos + a * sin, x + half + i, half - i);
                }
            }
        }
    }
}

/// <summary>Rope's angles: cosine and sine of position[t] * frequencies[i], once a step for all layers. A part is 8 rows.</summary>
internal readonly unsafe struct RopeAngles : IKernel
{
    private const int RowsPerPart = 8;

    /// <summary>(rows) whose positions count.</summary>
    public required BatchRow[] Batch { get; init; }

    /// <summary>(d/2) radians per position.</summary>
    public required float[] Frequencies { get; init; }

    /// <summary>(rows, 2, d/2) cosines, then sines.</summary>
    public required float* Angles { get; init; }

    public required int Rows { get; init; }

    public int Parts => (Rows + RowsPerPart - 1) / RowsPerPart;

    public void Part(int index)
    {
        var half = Frequencies.Length;
        for (var row = index * RowsPerPart; row < Math.Min(Rows, (index + 1) * RowsPerPart); row++)
        {
            var angles = Angles + (long)row * 2 * half;
            for (var i = 0; i < half; i++)
            {
                // The angle is rounded to a single, as checkpoints were trained with; its sine is not.
                var (sin, cos) = Math.SinCos(Batch[row].Position * Frequencies[i]);
                (angles[i], angles[half + i]) = ((float)cos, (float)sin);
            }
        }
    }
}
