using System.Text;
using Splitwiser.Models.Chat.Expressions;

namespace Splitwiser.Models.Chat.Statements;

/// <summary>{% if %}, {% elif %} and {% else %}, whose condition is nothing.</summary>
internal sealed class If(int line, IReadOnlyList<(Expression? Condition, Block Body)> branches) : Statement(line)
{
    protected override Flow Run(Scope scope, StringBuilder output)
    {
        foreach (var (condition, body) in branches)
        {
            if (condition is null || condition.Evaluate(scope).IsTrue)
                return body.Execute(scope, output);
        }

        return Flow.Next;
    }
}

/// <summary>{% break %} and {% continue %}.</summary>
internal sealed class Jump(int line, Flow flow) : Statement(line)
{
    protected override Flow Run(Scope scope, StringBuilder output) => flow;
}

/// <summary>{% with a = b %}...{% endwith %} and {% generation %}...{% endgeneration %}: names of their own.</summary>
internal sealed class Enclosure(int line, IReadOnlyList<(Target Target, Expression Value)> names, Block body) : Statement(line)
{
    protected override Flow Run(Scope scope, StringBuilder output)
    {
        var inner = scope.Inner();
        foreach (var (target, value) in names)
            target.Assign(inner, value.Evaluate(scope));
        return body.Execute(inner, output);
    }
}
