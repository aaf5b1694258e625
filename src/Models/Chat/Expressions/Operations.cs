using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Expressions;

/// <summary>not value.</summary>
internal sealed class Negation(Expression operand) : Expression
{
    protected override Value Compute(Scope scope) => BoolValue.Of(!operand.Evaluate(scope).IsTrue);
}

/// <summary>left and right: the value that decides.</summary>
internal sealed class Conjunction(Expression left, Expression right) : Expression
{
    protected override Value Compute(Scope scope) => left.Evaluate(scope) is { IsTrue: false } value ? value : right.Evaluate(scope);
}

/// <summary>left or right: the value that decides.</summary>
internal sealed class Disjunction(Expression left, Expression right) : Expression
{
    protected override Value Compute(Scope scope) => left.Evaluate(scope) is { IsTrue: true } value ? value : right.Evaluate(scope);
}

/// <summary>value if condition else otherwise.</summary>
internal sealed class Choice(Expression condition, Expression value, Expression? otherwise) : Expression
{
    protected override Value Compute(Scope scope)
    {
        if (condition.Evaluate(scope).IsTrue)
            return value.Evaluate(scope);
        return otherwise?.Evaluate(scope) ?? new UndefinedValue("the inline if-expression evaluated to false and no else section was defined.");
    }
}

/// <summary>Arithmetic on two values, or joining them.</summary>
internal sealed class Calculation(string sign, Expression left, Expression right) : Expression
{
    protected override Value Compute(Scope scope)
    {
        var result = Operators.Apply(sign, left.Evaluate(scope), right.Evaluate(scope));
        scope.State.Charge(result is StringValue text ? text.Text.Length / 8 : result.Extent.Count);
        return result;
    }
}

/// <summary>A sign before a number.</summary>
internal sealed class Sign(bool minus, Expression operand) : Expression
{
    protected override Value Compute(Scope scope)
    {
        var value = operand.Evaluate(scope);
        return value is FloatValue { Number: var number }
            ? new FloatValue(minus ? -number : number) // not 0 - number, which loses the sign of a zero
            : Operators.Apply(minus ? "-" : "+", new IntValue(0), value);
    }
}

/// <summary>a &lt; b &lt;= c: every neighbour is compared, up to the first that fails.</summary>
internal sealed class Comparison(Expression first, IReadOnlyList<(string Sign, Expression Operand)> rest) : Expression
{
    protected override Value Compute(Scope scope)
    {
        var left = first.Evaluate(scope);
        foreach (var (sign, operand) in rest)
        {
            var right = operand.Evaluate(scope);
            scope.State.Charge(sign.EndsWith("in", StringComparison.Ordinal) ? right.Extent.Count : Math.Min(left.Extent.Count, right.Extent.Count));
            if (!Operators.Holds(sign, left, right))
                return BoolValue.False;
            left = right;
        }

        return BoolValue.True;
    }
}
