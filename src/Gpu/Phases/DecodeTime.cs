using System.Numerics;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// Seconds of a decode step that has the device for itself, as a function of its rows and of the tokens in their contexts. All weights are
/// read whatever the rows, so it is a constant and two slopes, fitted to the steps seen, old ones fading; slopes are zero until the steps
/// differ, and never negative. What a line can't say (rows are padded, kernels change with their number) is a factor for each power of two of rows.
/// </summary>
internal sealed class DecodeTime
{
    private const int Terms = 3;                // 1, rows, context
    private const double Fade = 0.98;
    private const double Reluctance = 1e-3;     // to see a slope in noise

    private readonly double[] products = new double[Terms * Terms];     // sums of x x'
    private readonly double[] seconds = new double[Terms];              // sums of x t
    private readonly double[] line = new double[Terms];
    private readonly double[] work = new double[Terms * (Terms + 1)];
    private readonly FadingRatio[] sizes = new FadingRatio[32];         // by the power of two of rows: seconds per second of the line

    public bool IsKnown => products[0] > 0;

    public void Observe(int rows, long context, double took, long now)
    {
        ReadOnlySpan<double> x = [1, rows, context];
        for (var i = 0; i < Terms; i++)
        {
            seconds[i] = Fade * seconds[i] + x[i] * took;
            for (var j = 0; j < Terms; j++) products[i * Terms + j] = Fade * products[i * Terms + j] + x[i] * x[j];
        }

        Fit();
        ref var size = ref sizes[Size(rows)];
        size = size.With(took, Line(rows, context), now);
    }

    /// <summary>Null before the first step was seen.</summary>
    public double? Of(int rows, long context) => IsKnown ? Line(rows, context) * (sizes[Size(rows)].Value ?? 1) : null;

    /// <summary>What it has learned, to be kept.</summary>
    public DecodeTimeRecord Record() => new([.. products], [.. seconds], [.. sizes]);

    /// <summary>Goes on from there; a record of another form is ignored.</summary>
    public void Restore(DecodeTimeRecord record)
    {
        if (record.Products.Length != products.Length || record.Seconds.Length != seconds.Length || record.Sizes.Length != sizes.Length) return;
        record.Products.CopyTo(products, 0);
        record.Seconds.CopyTo(seconds, 0);
        for (var i = 0; i < sizes.Length; i++) sizes[i] = record.Sizes[i] with { LastSample = 0 };
        if (IsKnown) Fit();
    }

    private double Line(int rows, long context) => line[0] + line[1] * rows + line[2] * context;

    private static int Size(int rows) => BitOperations.Log2((uint)Math.Max(1, rows));

    /// <summary>Least squares; a term that comes out negative is left out, and the rest fitted again.</summary>
    private void Fit()
    {
        for (var terms = 0b111; ;)
        {
            Solve(terms);
            var worst = -1;
            for (var i = 0; i < Terms; i++)
                if (line[i] < 0 && (worst < 0 || line[i] * Scale(i) < line[worst] * Scale(worst))) worst = i;
            if (worst < 0) return;
            terms &= ~(1 << worst);
        }
    }

    private double Scale(int term) => Math.Sqrt(products[term * Terms + term]);

    /// <summary>The normal equations of some of the terms, by Gauss and Jordan.</summary>
    private void Solve(int terms)
    {
        const int columns = Terms + 1;
        for (var i = 0; i < Terms; i++)
        {
            var used = (terms >> i & 1) != 0;
            for (var j = 0; j < Terms; j++) work[i * columns + j] = used && (terms >> j & 1) != 0 ? products[i * Terms + j] : i == j ? 1 : 0;
            work[i * columns + Terms] = used ? seconds[i] : 0;
            if (used && i > 0) work[i * columns + i] *= 1 + Reluctance;
        }

        for (var pivot = 0; pivot < Terms; pivot++)
        {
            var divisor = work[pivot * columns + pivot];
            for (var j = 0; j < columns; j++) work[pivot * columns + j] /= divisor;
            for (var i = 0; i < Terms; i++)
            {
                if (i == pivot) continue;
                var factor = work[i * columns + pivot];
                for (var j = 0; j < columns; j++) work[i * columns + j] -= factor * work[pivot * columns + j];
            }
        }

        for (var i = 0; i < Terms; i++) line[i] = work[i * columns + Terms];
    }
}

/// <summary>What <see cref="DecodeTime"/> has learned.</summary>
internal sealed record DecodeTimeRecord(double[] Products, double[] Seconds, FadingRatio[] Sizes);
