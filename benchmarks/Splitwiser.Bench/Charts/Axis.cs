namespace Splitwiser.Bench.Charts;

/// <summary>Round numbers along an axis that begins at 0.</summary>
internal sealed record Axis(string Label, double Most, double Step)
{
    private const int Ticks = 6;

    /// <summary>Reaches the greatest value, in steps of 1, 2 or 5 times a power of ten.</summary>
    public static Axis For(string label, IEnumerable<double> values)
    {
        var most = values.DefaultIfEmpty(0).Max();
        if (most is not (> 0 and < double.PositiveInfinity)) most = 1;
        var decade = Math.Pow(10, Math.Floor(Math.Log10(most / Ticks)));
        var step = new[] { 1.0, 2, 5, 10 }.Select(factor => factor * decade).First(step => most / step <= Ticks);
        return new Axis(label, Math.Ceiling(most / step - 1e-9) * step, step);
    }

    public IEnumerable<double> Values
    {
        get
        {
            for (var i = 0; i * Step <= Most * (1 + 1e-9); i++) yield return i * Step;
        }
    }
}
