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
        if (dictionary is null)
            return new Arguments(values, names);
        var more = dictionary.Evaluate(scope) as DictValue ?? throw new TemplateError("argument after ** must be a mapping");
        foreach (var (key, value) in more.Members)
            names[key.Text] = value;
        return new Arguments(values, names);
    }
}

/// <summary>function(arguments).</summary>
internal sealed class Call(Expression target, ArgumentList arguments) : Expression
{
    public Expression Target => target;

    public ArgumentList Arguments => arguments;

    protected override Value Compute(Scope scope)
    {
        var function = target.Evaluate(scope);
        var result = function.Invoke(arguments.Evaluate(scope)) ?? throw new TemplateError($"'{function.TypeName}' object is not callable");
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
        scope.State.Charge(result is StringValue text ? text.Text.Length / 8 : result is ListValue made ? made.Values.Count : 0);
        return result;
    }
}

/// <summary>value is test(arguments).</summary>
internal sealed class TestCall(Test test, Expression target, ArgumentList arguments) : Expression
{
    protected override Value Compute(Scope scope) => BoolValue.Of(test(target.Evaluate(scope), arguments.Evaluate(scope)));
}
