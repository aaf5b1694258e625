namespace Splitwiser.Bench.Serve;

/// <summary>What a served request must keep, and how many of all must keep it.</summary>
/// <param name="FirstToken">Seconds from its arrival.</param>
/// <param name="TokenGap">Seconds that 99 % of a request's gaps between tokens may take.</param>
/// <param name="Share">Of all requests, 0 to 1.</param>
internal sealed record Slo(double FirstToken, double TokenGap, double Share)
{
    public bool IsKeptBy(RequestOutcome outcome) => outcome.IsComplete && outcome.FirstToken <= FirstToken && outcome.GapP99 <= TokenGap;

    /// <summary>Most requests of so many that may miss it.</summary>
    public int Allowed(int requests) => (int)Math.Floor(requests * (1 - Share) + 1e-9);

    public bool Holds(int requests, int kept) => requests - kept <= Allowed(requests);
}
