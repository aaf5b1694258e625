using System.Text;
using Splitwiser.Models.Chat.Expressions;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Statements;

/// <summary>{% set target = value %}.</summary>
internal sealed class Assignment(int line, Target target, Expression value) : Statement(line)
{
    protected override Flow Run(Scope scope, StringBuilder output)
    {
        target.Assign(scope, value.Evaluate(scope));
        return Flow.Next;
    }
}

/// <summary>{% set target %}...{% endset %}: what is inside, filtered on demand.</summary>
internal sealed class BlockAssignment(int line, Target target, Block body, Func<Expression, Expression> filter) : Statement(line)
{
    protected override Flow Run(Scope scope, StringBuilder output)
    {
        var inside = new StringBuilder();
        var flow = body.Execute(scope.Inner(), inside);
        if (flow == Flow.Next)
            target.Assign(scope, filter(new Constant(new StringValue(inside.ToString()))).Evaluate(scope));
        return flow;
    }
}
