using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Library;

/// <summary>The functions that every template can call.</summary>
internal static class Globals
{
    public static IEnumerable<KeyValuePair<string, Value>> For(RenderState state) =>
    [
        Function("range", Range),
        Function("dict", Dict),
        Function("cycler", arguments => new CyclerValue(arguments.Positional)),
        Function("joiner", arguments => Joiner(arguments.Text(0, "sep", ", "))),
        Function("namespace", arguments => new NamespaceValue(Dict(arguments).Members.Select(member => KeyValuePair.Create(member.Key.Text, member.Value)))),
        Function("raise_exception", arguments => throw new ChatRefusedException(arguments.Required(0, "message").Text)),
        Function("strftime_now", arguments => new StringValue(TimeFormat.Write(state.Clock.GetLocalNow(), arguments.Required(0, "format").Text))),
    ];

    private static KeyValuePair<string, Value> Function(string name, Func<Arguments, Value> call) => new(name, new FunctionValue(name, call));

    // Nothing the first time, the separator ever after.
    private static FunctionValue Joiner(string separator)
    {
        var used = false;
        return new FunctionValue("joiner", _ =>
        {
            var text = used ? separator : "";
            used = true;
            return new StringValue(text);
        });
    }

    private static RangeValue Range(Arguments arguments) => arguments.Positional.Count switch
    {
        1 => new RangeValue(0, Whole(arguments, 0), 1),
        2 => new RangeValue(Whole(arguments, 0), Whole(arguments, 1), 1),
        3 => new RangeValue(Whole(arguments, 0), Whole(arguments, 1), Whole(arguments, 2)),
        var count => throw new TemplateError($"range expected from 1 to 3 arguments, got {count}"),
    };

    private static Int128 Whole(Arguments arguments, int position) => Numbers.TryInt(arguments.Positional[position], out var number)
        ? number
        : throw new TemplateError($"'{arguments.Positional[position].TypeName}' object cannot be interpreted as an integer");

    // dict(mapping or pairs, name=value, ...).
    private static DictValue Dict(Arguments arguments)
    {
        var members = arguments.Positional.Count == 0 ? [] : arguments.Positional[0] is DictValue given ? given.Members : arguments.Positional[0].Elements.Select(Pair);
        return new DictValue(members.Concat(arguments.Named.Select(argument => ((Value)new StringValue(argument.Key), argument.Value))));
    }

    private static (Value, Value) Pair(Value value) => value.Elements.ToArray() is [var key, var member] ? (key, member) : throw new TemplateError("a pair of key and value is needed");
}
