using Splitwiser.Models.Chat.Expressions;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Library;

/// <summary>The filters on lists, strings and dictionaries as sequences.</summary>
internal static class SequenceFilters
{
    public static Dictionary<string, Filter> All { get; } = new()
    {
        ["count"] = (value, _, _) => new IntValue(value.Length),
        ["dictsort"] = DictSort,
        ["first"] = (value, _, _) => value.Elements.FirstOrDefault() ?? new UndefinedValue("No first item, sequence was empty."),
        ["items"] = Items,
        ["join"] = Join,
        ["last"] = (value, _, _) => value.Elements.LastOrDefault() ?? new UndefinedValue("No last item, sequence was empty."),
        ["length"] = (value, _, _) => new IntValue(value.Length),
        ["list"] = (value, _, _) => new ListValue([.. value.Elements]),
        ["map"] = Map,
        ["max"] = (value, arguments, _) => Sorted(value, arguments, descending: true).FirstOrDefault() ?? Nothing(),
        ["min"] = (value, arguments, _) => Sorted(value, arguments, descending: false).FirstOrDefault() ?? Nothing(),
        ["reject"] = (value, arguments, _) => Select(value, arguments, byAttribute: false, wanted: false),
        ["rejectattr"] = (value, arguments, _) => Select(value, arguments, byAttribute: true, wanted: false),
        ["reverse"] = (value, _, _) => value is StringValue text
            ? new StringValue(text.Take(Enumerable.Range(0, text.Length).Reverse()))
            : new ListValue([.. value.Elements.Reverse()], ListKind.Generator),
        ["select"] = (value, arguments, _) => Select(value, arguments, byAttribute: false, wanted: true),
        ["selectattr"] = (value, arguments, _) => Select(value, arguments, byAttribute: true, wanted: true),
        ["sort"] = (value, arguments, _) => new ListValue([.. Sorted(value, arguments.Behind(1), arguments.Flag(0, "reverse"))]),
        ["sum"] = (value, arguments, _) => value.Elements.Select(Getter(arguments.Optional(0, "attribute")))
            .Aggregate(arguments.Optional(1, "start") ?? new IntValue(0), (sum, item) => Operators.Apply("+", sum, item)),
        ["unique"] = Unique,
    };

    /// <summary>item.a.b or item.0, as the argument "attribute" gives it; the item itself where it is absent.</summary>
    private static Func<Value, Value> Getter(Value? attribute, Value? otherwise = null)
    {
        if (attribute is null or NoneValue)
            return item => item;
        Value[] path = [.. attribute.Text.Split('.').Select(part => int.TryParse(part, out var index) ? (Value)new IntValue(index) : new StringValue(part))];
        return item =>
        {
            var value = path.Aggregate(item, (value, key) => value.Item(key));
            return value is UndefinedValue && otherwise is not null ? otherwise : value;
        };
    }

    // Strings of different case are equal unless asked otherwise.
    private static Func<Value, Value> Key(Arguments arguments, int first)
    {
        var getter = Getter(arguments.Optional(first + 1, "attribute"));
        var exact = arguments.Flag(first, "case_sensitive");
        return item => Folded(getter(item), exact);
    }

    private static Value Folded(Value value, bool exact) => value is StringValue text && !exact ? new StringValue(text.Text.ToLowerInvariant()) : value;

    private static IEnumerable<Value> Sorted(Value value, Arguments arguments, bool descending) =>
        Sorted(value.Elements, Key(arguments, 0), descending);

    // Equal items keep their order, either way.
    private static IEnumerable<Value> Sorted(IEnumerable<Value> items, Func<Value, Value> key, bool descending)
    {
        var order = Comparer<Value>.Create((a, b) => a.SameAs(b) ? 0 : Operators.Compare(a, b));
        try
        {
            return [.. descending ? items.OrderByDescending(key, order) : items.OrderBy(key, order)];
        }
        catch (InvalidOperationException e) when (e.InnerException is TemplateError error)
        {
            throw error; // sorting wraps what comparing throws
        }
    }

    private static ListValue DictSort(Value value, Arguments arguments, RenderState state)
    {
        var by = new IntValue(arguments.Text(1, "by", "key") == "value" ? 1 : 0);
        var exact = arguments.Flag(0, "case_sensitive");
        return new ListValue([.. Sorted(Pairs(value), pair => Folded(pair.Item(by), exact), arguments.Flag(2, "reverse"))]);
    }

    private static ListValue Items(Value value, Arguments arguments, RenderState state) => new([.. value is UndefinedValue ? [] : Pairs(value)], ListKind.Generator);

    private static IEnumerable<ListValue> Pairs(Value value) => value is DictValue dict
        ? dict.Members.Select(member => new ListValue([member.Key, member.Value], ListKind.Tuple))
        : throw new TemplateError("Can only get item pairs from a mapping.");

    private static StringValue Join(Value value, Arguments arguments, RenderState state) =>
        new(string.Join(arguments.Text(0, "d", ""), value.Elements.Select(Getter(arguments.Optional(1, "attribute"))).Select(item => item.Text)));

    private static ListValue Map(Value value, Arguments arguments, RenderState state)
    {
        if (!value.IsTrue)
            return new ListValue([], ListKind.Generator);
        if (arguments.Positional.Count == 0 && arguments.Named.TryGetValue("attribute", out var attribute))
        {
            var getter = Getter(attribute, arguments.Named.GetValueOrDefault("default"));
            return new ListValue([.. value.Elements.Select(getter)], ListKind.Generator);
        }

        var name = arguments.Required(0, "filter").Text;
        var filter = Filters.Find(name) ?? throw new TemplateError($"No filter named '{name}'.");
        var rest = arguments.Behind(1);
        return new ListValue([.. value.Elements.Select(item => filter(item, rest, state))], ListKind.Generator);
    }

    private static ListValue Select(Value value, Arguments arguments, bool byAttribute, bool wanted)
    {
        var getter = byAttribute ? Getter(arguments.Required(0, "attribute")) : item => item;
        var rest = byAttribute ? arguments.Behind(1) : arguments;
        Func<Value, bool> passes = item => item.IsTrue;
        if (rest.Positional.Count > 0)
        {
            var name = rest.Positional[0].Text;
            var test = Tests.Find(name) ?? throw new TemplateError($"No test named '{name}'.");
            var behind = rest.Behind(1);
            passes = item => test(item, behind);
        }

        return new ListValue(value.IsTrue ? [.. value.Elements.Where(item => passes(getter(item)) == wanted)] : [], ListKind.Generator);
    }

    private static ListValue Unique(Value value, Arguments arguments, RenderState state) =>
        new([.. value.Elements.DistinctBy(Key(arguments, 0), ValueEquality.Instance)], ListKind.Generator);

    private static UndefinedValue Nothing() => new("No aggregated item, sequence was empty.");
}
