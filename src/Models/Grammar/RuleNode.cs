namespace Splitwiser.Models.Grammar;

/// <summary>A rule that others name, itself included; its body is filled in after it is made.</summary>
internal sealed class RuleNode(bool isOptional) : GrammarNode
{
    private GrammarNode? body;

    public GrammarNode Body { set => body = value; }

    public override IEnumerable<GrammarNode> Children => [body!];
    public override IEnumerable<GrammarNode> Openers => [body!];
    public override bool IsOptional => isOptional;

    public override int MeasureHeight() => body!.Height;

    public override void Enter(Closure closure, Frame? then, int depth) => closure.Enter(body!, then, depth);
}
