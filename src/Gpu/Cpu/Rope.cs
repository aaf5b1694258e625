using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// Rotary position embedding (Su et al., arXiv 2104.09864), in place, pairs half of the rotary size r apart: for i in 0 .. r/2-1 and the angle of row and pair
/// (x[i], x[i+r/2]) = (x[i] cos - x[i+r/2] sin, x[i+r/2] cos + x[i] sin). What is past r stays. A part is 8 rows. Bound: memory, 8 * rows * heads * d bytes.
/// </summary>
internal readonly unsafe struct Rope : IKernel
{
    private const int RowsPerPart = 8;

    /// <summary>(rows, heads, d), rows <see cref="XStride"/> apart: the query heads, then the key heads.</summary>
    public required float* X { get; init; }

    public required int XStride { get; init; }

    /// <summary>(rows, 2, r/2) cosines, then sines.</summary>
    public required float* Angles { get; init; }

    public required int Rows { get; init; }
    public required int Heads { get; init; }
    public required int HeadSize { get; init; }

    /// <summary>How many elements of each head turn: r.</summary>
    public required int RotarySize { get; init; }

    public int Parts => (Rows + RowsPerPart - 1) / RowsPerPart;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Part(int index)
    {
        var half = RotarySize / 2;
        for (var row = index * RowsPerPart; row < Math.Min(Rows, (index + 1) * RowsPerPart); row++)
        {
            var angles = Angles + (long)row * RotarySize;
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
