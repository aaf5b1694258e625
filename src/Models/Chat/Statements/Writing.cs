using System.Text;
using Splitwiser.Models.Chat.Expressions;
using Splitwiser.Models.Chat.Values;

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
        var inside = new StringBuilder();
        var flow = body.Execute(scope.Inner(), inside);
        if (flow == Flow.Next)
            output.Append(filter(new Constant(new StringValue(inside.ToString()))).Evaluate(scope).Text);
        return flow;
    }
}
