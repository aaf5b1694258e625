namespace Splitwiser.Models.Grammar;

/// <summary>A rule within another one that goes on behind it. Only so many may be open at a time, as with values in values.</summary>
internal sealed class NestedNode(RuleNode rule) : GrammarNode
{
    public override IEnumerable<GrammarNode> Children => [rule];
    public override IEnumerable<GrammarNode> Openers => [rule];
    public override bool IsOptional => rule.IsOptional;

    public override int MeasureHeight() => Math.Min(Impossible, rule.Height + 1);

    public override void Enter(Closure closure, Frame? then, int depth) => closure.Enter(rule, then, depth + 1);
}
