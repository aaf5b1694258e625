namespace Splitwiser.Grains;

/// <summary>Tokens that a device has computed, each for less the longer ago it was: by half after <see cref="HalfLife"/>.</summary>
internal readonly record struct RecentTokens(double Count)
{
    private static readonly TimeSpan HalfLife = TimeSpan.FromSeconds(10);

    public RecentTokens After(TimeSpan elapsed, long computed) => new((Count * Math.Pow(0.5, elapsed / HalfLife)) + computed);
}
