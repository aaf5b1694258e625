using System.Text;
using Splitwiser.Models.Chat.Expressions;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Statements;

/// <summary>Parameters and body of a macro or of a call block.</summary>
/// <param name="names">The variables that the body uses: it takes more arguments than its parameters only by the names of those.</param>
internal sealed class MacroBody(string name, IReadOnlyList<(string Name, Expression? Default)> parameters, Block body, IReadOnlySet<string> names)
{
    /// <summary>The function, which sees the names around its definition as they are when it is called.</summary>
    public FunctionValue Bind(Scope around) => new(name, arguments =>
    {
        around.State.Charge();
        Check(arguments);
        var line = around.State.Line;
        var scope = around.Inner();
        for (var i = 0; i < parameters.Count; i++)
        {
            var value = arguments.Optional(i, parameters[i].Name) ?? parameters[i].Default?.Evaluate(scope);
            scope.Set(parameters[i].Name, value ?? new UndefinedValue($"parameter '{parameters[i].Name}' was not provided"));
        }

        scope.Set("varargs", new ListValue(arguments.Behind(parameters.Count).Positional, ListKind.Tuple));
        scope.Set("kwargs", new DictValue(arguments.Named.Where(argument => argument.Key != "caller" && parameters.All(parameter => parameter.Name != argument.Key))
            .Select(argument => ((Value)new StringValue(argument.Key), argument.Value))));
        if (names.Contains("caller") && parameters.All(parameter => parameter.Name != "caller"))
            scope.Set("caller", arguments.Named.GetValueOrDefault("caller") ?? new UndefinedValue("No caller defined"));
        var output = new StringBuilder();
        body.Execute(scope, output);
        around.State.Line = line;
        return new StringValue(output.ToString());
    });

    private void Check(Arguments arguments)
    {
        if (arguments.Positional.Count > parameters.Count && !names.Contains("varargs"))
            throw new TemplateError($"macro '{name}' takes not more than {parameters.Count} argument(s)");
        foreach (var given in arguments.Named.Keys)
        {
            var position = parameters.TakeWhile(parameter => parameter.Name != given).Count();
            if (position < arguments.Positional.Count && position < parameters.Count)
                throw new TemplateError($"macro '{name}' got two values for its argument '{given}'");
            if (position == parameters.Count && !names.Contains(given == "caller" ? given : "kwargs"))
                throw new TemplateError($"macro '{name}' takes no keyword argument '{given}'");
        }
    }
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
internal sealed class CallBlock(int line, Call call, MacroBody caller) : Statement(line)
{
    protected override Flow Run(Scope scope, StringBuilder output)
    {
        var given = call.Arguments.Evaluate(scope);
        var named = new Dictionary<string, Value>(given.Named) { ["caller"] = caller.Bind(scope) };
        var function = call.Target.Evaluate(scope);
        var written = function.Invoke(new Arguments(given.Positional, named)) ?? throw new TemplateError($"'{function.TypeName}' object is not callable");
        output.Append(written.Text);
        return Flow.Next;
    }
}
