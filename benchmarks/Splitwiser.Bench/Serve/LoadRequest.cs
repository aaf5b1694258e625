namespace Splitwiser.Bench.Serve;

/// <summary>A request of a load.</summary>
/// <param name="At">When it comes, in seconds, at one request a second.</param>
internal readonly record struct LoadRequest(double At, int Prompt, int Output);
