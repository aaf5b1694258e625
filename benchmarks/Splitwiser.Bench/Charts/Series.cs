namespace Splitwiser.Bench.Charts;

/// <summary>Points of one kind in a chart.</summary>
/// <param name="Joined">A line goes through them in the order given.</param>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points, bool Joined = true);

/// <summary>A limit that is drawn through the whole chart.</summary>
/// <param name="IsVertical">It is a value of x; otherwise one of y.</param>
internal sealed record Limit(string Name, double Value, bool IsVertical);
