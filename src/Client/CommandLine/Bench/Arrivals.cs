namespace Splitwiser.Client.CommandLine.Bench;

/// <summary>When the requests of a benchmark come: by a Poisson process, whose waits are exponentially distributed.</summary>
internal static class Arrivals
{
    /// <summary>From the start, ascending.</summary>
    /// <param name="rate">Requests a second; null for all at once.</param>
    public static IEnumerable<TimeSpan> At(double? rate, int count, int seed)
    {
        var random = new Random(seed);
        var at = 0.0;
        for (var i = 0; i < count; i++)
        {
            yield return TimeSpan.FromSeconds(at);
            if (rate is { } perSecond)
                at -= Math.Log(1 - random.NextDouble()) / perSecond;
        }
    }
}
