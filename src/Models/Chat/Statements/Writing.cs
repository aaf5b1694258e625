using System.Text;
using Splitwiser.Models.Chat.Expressions;

namespace Splitwiser.Models.Chat.Statements;

/// <summary>Text that stands between the tags.</summary>
internal sealed class Literal(int line, string text) : Statement(line)
{
    protected override Flow Run(Scope scope, StringBuilder output)
    {
        scope.State.Charge(text.Length);
        output.Append(text);
        return Flow.Next;
    }
}

/// <summary>{{ expression }}.</summary>
internal sealed class Print(int line, Expression expression) : Statement(line)
{
    protected override Flow Run(Scope scope, StringBuilder output)
    {
        var text = expression.Evaluate(scope).Text;
        scope.State.Charge(text.Length);
        output.Append(text);
        return Flow.Next;
    }
}

/// <summary>{% filter name %}...{% endfilter %}: what is inside, filtered.</summary>
internal sealed class FilterBlock(int line, Block body, Func<Expression, Expression> filter) : Statement(line)
{
    protected override Flow Run(Scope scope, StringBuilder output)
    {
        var text = new Constant(new Values.StringValue(body.Capture(scope.Inner())));
        output.Append(filter(text).Evaluate(scope).Text);
        return Flow.Next;
    }
}
