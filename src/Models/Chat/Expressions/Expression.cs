using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Expressions;

/// <summary>Something that has a value.</summary>
internal abstract class Expression
{
    public Value Evaluate(Scope scope)
    {
        scope.State.Charge();
        return Compute(scope);
    }

    protected abstract Value Compute(Scope scope);
}
