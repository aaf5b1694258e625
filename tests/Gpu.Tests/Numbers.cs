using Splitwiser.Gpu.Cuda;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Tests;

/// <summary>Fresh random numbers in bf16, and how far results are apart. The seed of a run is printed with every failure.</summary>
internal sealed class Numbers
{
    private readonly Random random;

    public Numbers(int? seed = null)
    {
        Seed = seed ?? Random.Shared.Next();
        random = new Random(Seed);
    }

    public int Seed { get; }

    public int Next(int below) => random.Next(below);

    public void Shuffle<T>(T[] values) => random.Shuffle(values);

    /// <summary>Near normal, of this deviation.</summary>
    public ushort[] Bf16s(int count, float deviation = 1, float mean = 0)
    {
        var values = new ushort[count];
        for (var i = 0; i < count; i++) values[i] = Bf16.Round(mean + deviation * Normal());
        return values;
    }

    public float[] Singles(int count, float deviation = 1)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++) values[i] = deviation * Normal();
        return values;
    }

    /// <summary>||actual - expected|| / ||expected||; infinite when anything is not a number.</summary>
    public static double Distance(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected)
    {
        actual.Length.ShouldBe(expected.Length);
        var (difference, norm) = (0.0, 0.0);
        for (var i = 0; i < actual.Length; i++)
        {
            if (!double.IsFinite(actual[i])) return double.PositiveInfinity;
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            norm += expected[i] * expected[i];
        }
        return Math.Sqrt(difference / norm);
    }

    public void ShouldBeClose(ushort[] actual, double[] expected, double limit = 6e-3) =>
        Distance([.. actual.Select(bits => (double)Bf16.Widen(bits))], expected).ShouldBeLessThan(limit, $"seed {Seed}");

    public void ShouldBeClose(float[] actual, double[] expected, double limit = 1e-3) =>
        Distance([.. actual.Select(value => (double)value)], expected).ShouldBeLessThan(limit, $"seed {Seed}");

    public static double[] Widen(ushort[] values) => [.. values.Select(bits => (double)Bf16.Widen(bits))];

    /// <summary>An activation in doubles.</summary>
    public static double Bend(Activation activation, double x) => activation switch
    {
        Activation.Silu => x / (1 + Math.Exp(-x)),
        Activation.GeluTanh => x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2,
        Activation.Gelu => x * Probability(x),
        Activation.Relu => Math.Max(x, 0),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };

    /// <summary>Of a normally distributed number being less than x: the series around 0, or 0 and 1 far out.</summary>
    private static double Probability(double x)
    {
        if (Math.Abs(x) > 7) return x > 0 ? 1 : 0;
        var (term, sum) = (x, x);
        for (var n = 1; n < 200; n++) sum += term *= x * x / (2 * n + 1);
        return 0.5 + sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
    }

    private float Normal() => MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());
}
