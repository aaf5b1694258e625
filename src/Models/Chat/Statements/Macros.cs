using System.Text;
using Splitwiser.Models.Chat.Expressions;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Statements;

/// <summary>Parameters and body of a macro or of a call block.</summary>
internal sealed class MacroBody(string name, IReadOnlyList<(string Name, Expression? Default)> parameters, Block body)
{
    /// <summary>The function, which sees the names around its definition as they are when it is called.</summary>
    public FunctionValue Bind(Scope around) => new(name, arguments =>
    {
        around.State.Charge();
        var line = around.State.Line;
        var scope = around.Inner();
        for (var i = 0; i < parameters.Count; i++)
        {
            var value = arguments.Optional(i, parameters[i].Name) ?? parameters[i].Default?.Evaluate(scope);
            scope.Set(parameters[i].Name, value ?? new UndefinedValue($"parameter '{parameters[i].Name}' was not provided"));
        }

        scope.Set("varargs", new ListValue(arguments.Behind(parameters.Count).Positional, ListKind.Tuple));
        scope.Set("kwargs", new DictValue(arguments.Named.Where(argument => parameters.All(parameter => parameter.Name != argument.Key))
            .Select(argument => ((Value)new StringValue(argument.Key), argument.Value))));
        if (arguments.Named.TryGetValue("caller", out var caller))
            scope.Set("caller", caller);
        var output = new StringBuilder();
        body.Execute(scope, output);
        around.State.Line = line;
        return new StringValue(output.ToString());
    });
}

/// <summary>{% macro name(parameters) %}...{% endmacro %}.</summary>
internal sealed class MacroDefinition(int line, string name, MacroBody macro) : Statement(line)
{
    protected override Flow Run(Scope scope, StringBuilder output)
    {
        scope.Set(name, macro.Bind(scope));
        return Flow.Next;
    }
}

/// <summary>{% call macro(arguments) %}...{% endcall %}: the macro can write what is inside by caller().</summary>
internal sealed class CallBlock(int line, Expression target, ArgumentList arguments, MacroBody caller) : Statement(line)
{
    protected override Flow Run(Scope scope, StringBuilder output)
    {
        var given = arguments.Evaluate(scope);
        var named = new Dictionary<string, Value>(given.Named) { ["caller"] = caller.Bind(scope) };
        var function = target.Evaluate(scope) as FunctionValue ?? throw new TemplateError("a call block needs a macro");
        output.Append(function.Call(new Arguments(given.Positional, named)).Text);
        return Flow.Next;
    }
}
