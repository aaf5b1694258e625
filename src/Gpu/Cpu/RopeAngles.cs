namespace Splitwiser.Gpu.Cpu;

/// <summary>Rope's angles: cosine and sine of position[t] * frequencies[i] times a magnitude, once a step for all layers. A part is 8 rows.</summary>
internal readonly unsafe struct RopeAngles : IKernel
{
    private const int RowsPerPart = 8;

    /// <summary>(rows) whose positions count.</summary>
    public required BatchRow[] Batch { get; init; }

    public required RopeTable Table { get; init; }

    /// <summary>(rows, 2, r/2) cosines, then sines.</summary>
    public required float* Angles { get; init; }

    public required int Rows { get; init; }

    public int Parts => (Rows + RowsPerPart - 1) / RowsPerPart;

    public void Part(int index)
    {
        for (var row = index * RowsPerPart; row < Math.Min(Rows, (index + 1) * RowsPerPart); row++)
        {
            var frequencies = Table.For(Batch[row]);
            var half = frequencies.Length;
            var angles = Angles + (long)row * 2 * half;
            for (var i = 0; i < half; i++)
            {
                // The angle is rounded to a single, as checkpoints were trained with; its sine is not.
                var (sin, cos) = Math.SinCos(Batch[row].Position * frequencies[i]);
                (angles[i], angles[half + i]) = ((float)cos * Table.Magnitude, (float)sin * Table.Magnitude);
            }
        }
    }
}
