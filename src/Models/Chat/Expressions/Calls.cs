using Splitwiser.Models.Chat.Library;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Expressions;

/// <summary>The arguments of a call as they are written, *list and **dictionary included.</summary>
internal sealed class ArgumentList(
    IReadOnlyList<Expression> positional, IReadOnlyList<(string Name, Expression Value)> named, Expression? list, Expression? dictionary)
{
    public Arguments Evaluate(Scope scope)
    {
        var values = positional.Select(argument => argument.Evaluate(scope)).ToList();
        var names = new Dictionary<string, Value>();
        foreach (var (name, value) in named)
            names[name] = value.Evaluate(scope);
        if (list is not null)
            values.AddRange(list.Evaluate(scope).Elements);
        foreach (var (key, value) in (dictionary?.Evaluate(scope) as DictValue)?.Members ?? [])
            names[key.Text] = value;
        return new Arguments(values, names);
    }
}

/// <summary>function(arguments).</summary>
internal sealed class Call(Expression target, ArgumentList arguments) : Expression
{
    protected override Value Compute(Scope scope) => target.Evaluate(scope) switch
    {
        FunctionValue function => function.Call(arguments.Evaluate(scope)),
        UndefinedValue undefined => throw new TemplateError(undefined.Reason),
        var value => throw new TemplateError($"'{value.TypeName}' object is not callable"),
    };
}

/// <summary>value | filter(arguments).</summary>
internal sealed class FilterCall(Filter filter, Expression target, ArgumentList arguments) : Expression
{
    protected override Value Compute(Scope scope)
    {
        var result = filter(target.Evaluate(scope), arguments.Evaluate(scope), scope.State);
        scope.State.Charge(result is StringValue text ? text.Text.Length / 8 : 0);
        return result;
    }
}

/// <summary>value is test(arguments).</summary>
internal sealed class TestCall(Test test, Expression target, ArgumentList arguments) : Expression
{
    protected override Value Compute(Scope scope) => BoolValue.Of(test(target.Evaluate(scope), arguments.Evaluate(scope)));
}
