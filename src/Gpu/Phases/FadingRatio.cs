namespace Splitwiser.Gpu.Phases;

/// <summary>A ratio of sums in which older samples fade.</summary>
/// <param name="Amount">Of all samples, faded.</param>
/// <param name="Weight">The same.</param>
/// <param name="LastSample">When the last one came, in steps.</param>
/// <param name="Samples">How many there were.</param>
internal readonly record struct FadingRatio(double Amount = 0, double Weight = 0, long LastSample = 0, int Samples = 0)
{
    private const double Fade = 0.95;

    public double? Value => Weight > 0 ? Amount / Weight : null;

    public FadingRatio With(double sample, double weight, long now) => new(Fade * Amount + sample, Fade * Weight + weight, now, Samples + 1);
}
