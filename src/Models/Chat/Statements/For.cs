using System.Text;
using Splitwiser.Models.Chat.Expressions;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Statements;

/// <summary>{% for target in sequence if condition recursive %}...{% else %}...{% endfor %}.</summary>
internal sealed class For(int line, Target target, Expression sequence, Expression? condition, bool recursive, Block body, Block? otherwise) : Statement(line)
{
    private const int CostOfTurn = 8; // in evaluations: it has names of its own

    protected override Flow Run(Scope scope, StringBuilder output) => Loop(scope, sequence.Evaluate(scope), depth: 0, output);

    // Items are tested as the loop comes to them: what its body changes counts for the next one.
    private Flow Loop(Scope scope, Value items, int depth, StringBuilder output)
    {
        var loop = new LoopValue(items.Elements.Where(item => Passes(scope, item)), depth, recursive ? Inner : null);
        while (loop.Next())
        {
            scope.State.Charge(CostOfTurn);
            var turn = scope.Inner();
            turn.Set("loop", loop);
            target.Assign(turn, loop.Current);
            if (body.Execute(turn, output) == Flow.Break)
                return Flow.Next;
        }

        return loop.Index < 0 && otherwise is not null ? otherwise.Execute(scope.Inner(), output) : Flow.Next;

        Value Inner(Value inner)
        {
            scope.State.Charge();
            var written = new StringBuilder();
            Loop(scope, inner, depth + 1, written);
            return new StringValue(written.ToString());
        }
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
