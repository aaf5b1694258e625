namespace Splitwiser.Bench.Serve;

/// <summary>How a request went, as its client saw it. Times in seconds, counted from when the request should have been sent.</summary>
/// <param name="Lag">How much later it was sent: the client's own fault.</param>
/// <param name="Gaps">Between deliveries of tokens; what arrives together is one delivery.</param>
/// <param name="Failure">Why not all tokens came; null when they did.</param>
internal sealed record RequestOutcome(int Prompt, int Tokens, double Lag, double FirstToken, double End, float[] Gaps, string? Failure)
{
    public bool IsComplete => Failure is null;

    /// <summary>Of this request's own gaps; 0 without any.</summary>
    public double GapP99 { get; } = Gaps.Length == 0 ? 0 : Percentile.Of(Gaps.Select(gap => (double)gap), 0.99);
}
