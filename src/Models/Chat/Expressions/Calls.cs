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
    protected override Value Compute(Scope scope)
    {
        var function = target.Evaluate(scope);
        if (function is not FunctionValue callable)
            throw new TemplateError(function is UndefinedValue undefined ? undefined.Reason : $"'{function.TypeName}' object is not callable");
        var result = callable.Call(arguments.Evaluate(scope));
        scope.State.Charge(result.Extent.Count / 8);
        return result;
    }
}

/// <summary>value | filter(arguments).</summary>
internal sealed class FilterCall(Filter filter, Expression target, ArgumentList arguments) : Expression
{
    protected override Value Compute(Scope scope)
    {
        var value = target.Evaluate(scope);
        scope.State.Charge(value is ListValue list ? list.Values.Count : 0);
        var result = filter(value, arguments.Evaluate(scope), scope.State);
        scope.State.Charge(result is StringValue text ? text.Text.Length / 8 : 0);
        return result;
    }
}

/// <summary>value is test(arguments).</summary>
internal sealed class TestCall(Test test, Expression target, ArgumentList arguments) : Expression
{
    protected override Value Compute(Scope scope) => BoolValue.Of(test(target.Evaluate(scope), arguments.Evaluate(scope)));
}
