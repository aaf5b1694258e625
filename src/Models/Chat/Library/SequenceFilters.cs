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
        ["last"] = (value, _, _) => value.Reversed.FirstOrDefault() ?? new UndefinedValue("No last item, sequence was empty."),
        ["length"] = (value, _, _) => new IntValue(value.Length),
        ["list"] = (value, _, _) => new ListValue([.. value.Elements]),
        ["map"] = Map,
        ["max"] = (value, arguments, _) => Sorted(value, arguments, descending: true).FirstOrDefault() ?? Nothing(),
        ["min"] = (value, arguments, _) => Sorted(value, arguments, descending: false).FirstOrDefault() ?? Nothing(),
        ["reject"] = (value, arguments, _) => Select(value, arguments, byAttribute: false, wanted: false),
        ["rejectattr"] = (value, arguments, _) => Select(value, arguments, byAttribute: true, wanted: false),
        ["reverse"] = (value, _, _) => value switch
        {
            StringValue text => text.Sliced(null, null, -1),
            GeneratorValue => new ListValue([.. value.Elements.Reverse()]),
            _ => new GeneratorValue(value.Reversed),
        },
        ["select"] = (value, arguments, _) => Select(value, arguments, byAttribute: false, wanted: true),
        ["selectattr"] = (value, arguments, _) => Select(value, arguments, byAttribute: true, wanted: true),
        ["sort"] = (value, arguments, _) => new ListValue([.. Sorted(value.Elements, SortKey(arguments.Behind(1)), arguments.Flag(0, "reverse"))]),
        ["sum"] = (value, arguments, _) => arguments.Optional(1, "start") is StringValue
            ? throw new TemplateError("sum() can't sum strings [use ''.join(seq) instead]")
            : value.Elements.Select(Getter(arguments.Optional(0, "attribute"))).Aggregate(arguments.Optional(1, "start") ?? new IntValue(0), (sum, item) => Operators.Apply("+", sum, item)),
        ["batch"] = Batch,
        ["groupby"] = GroupBy,
        ["slice"] = Slices,
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

    // The attribute of sort may be several with commas, which are compared in turn.
    private static Func<Value, Value> SortKey(Arguments arguments)
    {
        var exact = arguments.Flag(0, "case_sensitive");
        if (arguments.Optional(1, "attribute") is not StringValue several)
            return Key(arguments, 0);
        var getters = several.Text.Split(',').Select(name => Getter(new StringValue(name))).ToArray();
        return item => new ListValue([.. getters.Select(getter => Folded(getter(item), exact))]);
    }

    private static Value Folded(Value value, bool exact) => value is StringValue text && !exact ? new StringValue(text.Text.ToLowerInvariant()) : value;

    private static IEnumerable<Value> Sorted(Value value, Arguments arguments, bool descending) =>
        Sorted(value.Elements, Key(arguments, 0), descending);

    // Equal items keep their order, either way.
    private static IEnumerable<Value> Sorted(IEnumerable<Value> items, Func<Value, Value> key, bool descending)
    {
        var order = Comparer<Value>.Create((a, b) => a is not UndefinedValue && a.SameAs(b) ? 0 : Operators.Compare(a, b));
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

    private static GeneratorValue Items(Value value, Arguments arguments, RenderState state) => new(Lazily(() => value is UndefinedValue ? [] : Pairs(value)));

    private static IEnumerable<Value> Pairs(Value value) => value is DictValue dict
        ? dict.Items
        : throw new TemplateError("Can only get item pairs from a mapping.");

    private static StringValue Join(Value value, Arguments arguments, RenderState state) =>
        new(string.Join(arguments.Text(0, "d", ""), value.Elements.Select(Getter(arguments.Optional(1, "attribute"))).Select(item => item.Text)));

    private static GeneratorValue Map(Value value, Arguments arguments, RenderState state) => new(Lazily(() => value.IsTrue ? Mapped(value, arguments, state) : []));

    private static IEnumerable<Value> Mapped(Value value, Arguments arguments, RenderState state)
    {
        if (arguments.Positional.Count == 0 && arguments.Named.TryGetValue("attribute", out var attribute))
        {
            var getter = Getter(attribute, arguments.Named.GetValueOrDefault("default"));
            return value.Elements.Select(getter);
        }

        var name = arguments.Required(0, "filter").Text;
        var filter = Filters.Find(name) ?? throw new TemplateError($"No filter named '{name}'.");
        var rest = arguments.Behind(1);
        return value.Elements.Select(item => filter(item, rest, state));
    }

    private static GeneratorValue Select(Value value, Arguments arguments, bool byAttribute, bool wanted) =>
        new(Lazily(() => value.IsTrue ? Selected(value, arguments, byAttribute, wanted) : []));

    private static IEnumerable<Value> Selected(Value value, Arguments arguments, bool byAttribute, bool wanted)
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

        return value.Elements.Where(item => passes(getter(item)) == wanted);
    }

    private static GeneratorValue Unique(Value value, Arguments arguments, RenderState state) =>
        new(Lazily(() => value.Elements.DistinctBy(Key(arguments, 0), ValueEquality.Instance)));

    // Lists of so many items each, the last one filled up on demand.
    private static GeneratorValue Batch(Value value, Arguments arguments, RenderState state)
    {
        var size = Math.Max(arguments.Int(0, "linecount") ?? throw new TemplateError("batch needs a count"), 1);
        var filling = arguments.Optional(1, "fill_with");
        return new GeneratorValue(Lazily(() => value.Elements.Chunk(size).Select(batch => (Value)new ListValue(
            filling is null or NoneValue || size > 1 << 20 ? batch : [.. batch, .. Enumerable.Repeat(filling, size - batch.Length)]))));
    }

    // So many lists, as long as each other or one item longer; the shorter ones are filled up on demand.
    private static GeneratorValue Slices(Value value, Arguments arguments, RenderState state) => new(Lazily(() =>
    {
        var items = value.Elements.ToArray();
        var count = arguments.Int(0, "slices") is > 0 and < 1 << 20 and var given ? given : throw new TemplateError("slice needs a count");
        var filling = arguments.Optional(1, "fill_with");
        var (size, longer) = (items.Length / count, items.Length % count);
        return Enumerable.Range(0, count).Select(i =>
        {
            var slice = items.Skip((i * size) + Math.Min(i, longer)).Take(size + (i < longer ? 1 : 0));
            return (Value)new ListValue([.. filling is null or NoneValue || i < longer ? slice : slice.Append(filling)]);
        });
    }));

    private static ListValue GroupBy(Value value, Arguments arguments, RenderState state)
    {
        var getter = Getter(arguments.Required(0, "attribute"), arguments.Optional(1, "default"));
        var exact = arguments.Flag(2, "case_sensitive");
        var groups = new List<(Value Key, List<Value> Items)>();
        foreach (var item in Sorted(value.Elements, item => Folded(getter(item), exact), descending: false))
        {
            if (groups.Count == 0 || !Folded(getter(groups[^1].Items[0]), exact).SameAs(Folded(getter(item), exact)))
                groups.Add((getter(item), []));
            groups[^1].Items.Add(item);
        }

        return new ListValue([.. groups.Select(group => new GroupValue(group.Key, new ListValue(group.Items)))]);
    }

    // As in Python, nothing is done and nothing fails before the first item is asked for.
    private static IEnumerable<Value> Lazily(Func<IEnumerable<Value>> items)
    {
        foreach (var item in items())
            yield return item;
    }

    private static UndefinedValue Nothing() => new("No aggregated item, sequence was empty.");
}
