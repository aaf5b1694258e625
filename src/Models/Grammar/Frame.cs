namespace Splitwiser.Models.Grammar;

/// <summary>A rule that waits for a part of it to end: where it stands, and who waits for it. Equal frames of one automaton are one object.</summary>
/// <param name="Node">The rule.</param>
/// <param name="A">Where it stands, in the rule's own words.</param>
/// <param name="B">More of that.</param>
/// <param name="Then">Who waits for the rule itself; null for nobody: the output may end.</param>
/// <param name="Depth">Objects and arrays that are open.</param>
/// <param name="Number">Counts up within the automaton.</param>
internal sealed record Frame(GrammarNode Node, int A, int B, Frame? Then, int Depth, int Number)
{
    public bool Equals(Frame? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Number;
}

/// <summary>One reading of the output so far: the terminal that is being matched, its state, and who waits for its end.</summary>
internal readonly record struct Reading(ByteMatcher Matcher, int State, Frame? Then);

/// <summary>A special token that may come next, and who waits for it.</summary>
internal readonly record struct ExpectedToken(int Id, Frame? Then);
