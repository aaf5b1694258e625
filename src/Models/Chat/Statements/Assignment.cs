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
        var text = new Constant(new StringValue(body.Capture(scope.Inner())));
        target.Assign(scope, filter(text).Evaluate(scope));
        return Flow.Next;
    }
}
