using System.Runtime.Intrinsics;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>Embedding: y[t,:] = scale * table[token[t],:]. A part is 8 rows. Bound: memory, tokens * dim * (weight + 4) bytes.</summary>
internal readonly unsafe struct Embedding : IKernel
{
    private const int RowsPerPart = 8;

    /// <summary>(vocabulary, dim)</summary>
    public required Matrix Table { get; init; }

    /// <summary>(rows) whose tokens to look up.</summary>
    public required BatchRow[] Batch { get; init; }

    /// <summary>(rows, dim)</summary>
    public required float* Y { get; init; }

    public required int Rows { get; init; }
    public float Scale { get; init; } = 1;

    public Embedding()
    {
    }

    public int Parts => (Rows + RowsPerPart - 1) / RowsPerPart;

    public void Part(int index)
    {
        for (var row = index * RowsPerPart; row < Math.Min(Rows, (index + 1) * RowsPerPart); row++)
        {
            if (Table.Type == ElementType.BF16) Copy<Brain16>(row);
            else Copy<Single32>(row);
        }
    }

    private void Copy<TWeight>(int row) where TWeight : IWeightFormat
    {
        var dim = Table.Inputs;
        var source = Table.Data + (long)Batch[row].Token * dim * TWeight.Size;
        var y = Y + (long)row * dim;
        var i = 0;
        for (; i <= dim - Lanes.Width; i += Lanes.Width) (TWeight.Load(source + i * TWeight.Size) * Scale).Store(y + i);
        for (; i < dim; i++) y[i] = TWeight.LoadOne(source + i * TWeight.Size) * Scale;
    }
}
