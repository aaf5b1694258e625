using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Expressions;

/// <summary>A value that stands in the template.</summary>
internal sealed class Constant(Value value) : Expression
{
    protected override Value Compute(Scope scope) => value;
}

/// <summary>A variable.</summary>
internal sealed class Variable(string name) : Expression
{
    public string Name => name;

    protected override Value Compute(Scope scope) => scope.Get(name);
}

/// <summary>[a, b] or (a, b).</summary>
internal sealed class ListDisplay(IReadOnlyList<Expression> items, ListKind kind) : Expression
{
    public IReadOnlyList<Expression> Items => items;

    public ListKind Kind => kind;

    protected override Value Compute(Scope scope) => new ListValue([.. items.Select(item => item.Evaluate(scope))], kind);
}

/// <summary>{key: value}.</summary>
internal sealed class DictDisplay(IReadOnlyList<(Expression Key, Expression Value)> members) : Expression
{
    protected override Value Compute(Scope scope) =>
        new DictValue(members.Select(member => (member.Key.Evaluate(scope), member.Value.Evaluate(scope))).ToArray());
}

/// <summary>value.name.</summary>
internal sealed class AttributeAccess(Expression target, string name) : Expression
{
    protected override Value Compute(Scope scope) => target.Evaluate(scope).Attribute(name);
}

/// <summary>value[key].</summary>
internal sealed class ItemAccess(Expression target, Expression key) : Expression
{
    protected override Value Compute(Scope scope) => target.Evaluate(scope).Item(key.Evaluate(scope));
}

/// <summary>value[start:stop:step] of a string, a list or a range.</summary>
internal sealed class SliceAccess(Expression target, Expression? start, Expression? stop, Expression? step) : Expression
{
    protected override Value Compute(Scope scope)
    {
        var value = target.Evaluate(scope);
        var slice = value.Sliced(Bound(start), Bound(stop), Bound(step));
        scope.State.Charge(slice.Length / 8);
        return slice;

        Int128? Bound(Expression? expression) => expression?.Evaluate(scope) switch
        {
            null or NoneValue => null,
            var bound when Numbers.TryInt(bound, out var index) => index,
            _ => throw new TemplateError("slice indices must be integers or None"),
        };
    }
}
