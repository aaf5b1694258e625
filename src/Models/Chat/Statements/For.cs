using System.Text;
using Splitwiser.Models.Chat.Expressions;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Statements;

/// <summary>{% for target in sequence if condition %}...{% else %}...{% endfor %}.</summary>
internal sealed class For(int line, Target target, Expression sequence, Expression? condition, Block body, Block? otherwise) : Statement(line)
{
    private const int CostOfTurn = 8; // in evaluations: it has names of its own

    protected override Flow Run(Scope scope, StringBuilder output)
    {
        var items = sequence.Evaluate(scope).Elements.Where(item => Passes(scope, item)).ToArray();
        var loop = new LoopValue(items);
        for (; loop.Index < items.Length; loop.Index++)
        {
            scope.State.Charge(CostOfTurn);
            var turn = scope.Inner();
            turn.Set("loop", loop);
            target.Assign(turn, items[loop.Index]);
            if (body.Execute(turn, output) == Flow.Break)
                break;
        }

        return items.Length == 0 && otherwise is not null ? otherwise.Execute(scope.Inner(), output) : Flow.Next;
    }

    private bool Passes(Scope scope, Value item)
    {
        if (condition is null)
            return true;
        var inner = scope.Inner();
        target.Assign(inner, item);
        return condition.Evaluate(inner).IsTrue;
    }
}
