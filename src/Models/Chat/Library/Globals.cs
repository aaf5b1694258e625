using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Library;

/// <summary>The functions that every template can call.</summary>
internal static class Globals
{
    private const int LongestRange = 100_000;

    public static IEnumerable<KeyValuePair<string, Value>> For(RenderState state) =>
    [
        Function("range", Range),
        Function("dict", arguments => new DictValue(arguments.Named.Select(argument => ((Value)new StringValue(argument.Key), argument.Value)))),
        Function("namespace", arguments => new NamespaceValue([.. Members(arguments), .. arguments.Named])),
        Function("raise_exception", arguments => throw new ChatRefusedException(arguments.Required(0, "message").Text)),
        Function("strftime_now", arguments => new StringValue(TimeFormat.Write(state.Clock.GetLocalNow(), arguments.Required(0, "format").Text))),
    ];

    private static IEnumerable<KeyValuePair<string, Value>> Members(Arguments arguments) =>
        (arguments.Optional(0, "") as DictValue)?.Members.Select(member => KeyValuePair.Create(member.Key.Text, member.Value)) ?? [];

    private static KeyValuePair<string, Value> Function(string name, Func<Arguments, Value> call) => new(name, new FunctionValue(name, call));

    private static ListValue Range(Arguments arguments)
    {
        var single = arguments.Positional.Count == 1;
        var start = single ? 0 : arguments.Int(0, "start") ?? 0;
        var stop = arguments.Int(single ? 0 : 1, "stop") ?? throw new TemplateError("range needs a stop");
        var step = arguments.Int(2, "step") ?? 1;
        if (step == 0)
            throw new TemplateError("range() arg 3 must not be zero");
        var count = Math.Max(0, ((long)stop - start + step - Math.Sign(step)) / step);
        if (count > LongestRange)
            throw new TemplateError($"range is longer than {LongestRange}");
        return new ListValue([.. Enumerable.Range(0, (int)count).Select(i => new IntValue(start + ((Int128)i * step)))]);
    }
}
