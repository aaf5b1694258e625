using System.Globalization;
using System.Text.RegularExpressions;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Library;

/// <summary>The filters on single values; those on sequences are in <see cref="SequenceFilters"/>.</summary>
internal static partial class Filters
{
    private static readonly Dictionary<string, Filter> all = new(SequenceFilters.All)
    {
        ["abs"] = (value, _, _) => value is FloatValue f ? new FloatValue(Math.Abs(f.Number)) : new IntValue(Int128.Abs(Whole(value))),
        ["capitalize"] = (value, _, _) => Like(value, CaseMapping.Capitalize(value.Text)),
        ["default"] = Default,
        ["d"] = Default,
        ["attr"] = Attribute,
        ["center"] = (value, arguments, _) => Like(value, StringMethods.Center(new StringValue(value.Text), arguments.Int(0, "width") ?? 80, " ")),
        ["escape"] = (value, _, _) => new MarkupValue(MarkupValue.Escape(value)),
        ["e"] = (value, _, _) => new MarkupValue(MarkupValue.Escape(value)),
        ["filesizeformat"] = (value, arguments, _) => Text(FileSize(value, arguments.Flag(0, "binary"))),
        ["float"] = (value, arguments, _) => ToFloat(value) is { } number ? new FloatValue(number) : arguments.Optional(0, "default") ?? new FloatValue(0),
        ["forceescape"] = (value, _, _) => new MarkupValue(MarkupValue.Escape(value.Text)),
        ["format"] = Format,
        ["indent"] = Indent,
        ["int"] = ToInt,
        ["lower"] = (value, _, _) => Like(value, CaseMapping.Lower(value.Text)),
        ["replace"] = (value, arguments, _) => Text(StringMethods.Replace(
            value.Text, arguments.Required(0, "old").Text, arguments.Required(1, "new").Text, arguments.Int(2, "count") ?? -1)),
        ["round"] = Round,
        ["safe"] = (value, _, _) => new MarkupValue(value.Text),
        ["string"] = (value, _, _) => Like(value, value.Text),
        ["striptags"] = (value, _, _) => Text(Prose.WithoutTags(value.Text)),
        ["title"] = (value, _, _) => Text(Word().Replace(value.Text, match => CaseMapping.Upper(match.Value[..First(match.Value)]) + CaseMapping.Lower(match.Value[First(match.Value)..]))),
        ["tojson"] = JsonText.Filter,
        ["trim"] = (value, arguments, _) => Like(value, StringMethods.Strip(value.Text, arguments.Optional(0, "chars"), left: true, right: true)),
        ["upper"] = (value, _, _) => Like(value, CaseMapping.Upper(value.Text)),
        ["truncate"] = (value, arguments, _) => Prose.Truncate(value, arguments),
        ["urlencode"] = (value, _, _) => Text(Prose.UrlEncode(value)),
        ["wordwrap"] = (value, arguments, _) => Text(Prose.Wrap(value, arguments)),
        ["xmlattr"] = (value, arguments, _) => Text(Prose.XmlAttributes(value, arguments.Flag(0, "autospace", true))),
        ["wordcount"] = (value, _, _) => new IntValue(Letters().Count(value.Text)),
    };

    public static Filter? Find(string name) => all.GetValueOrDefault(name);

    /// <summary>Filters of Jinja that are left out on purpose: their results are random, or meant for web pages or debugging.</summary>
    public static bool IsRefused(string name) => name is "random" or "pprint" or "urlize";

    private static Value Default(Value value, Arguments arguments, RenderState state)
    {
        var missing = arguments.Flag(1, "boolean") ? !value.IsTrue : value is UndefinedValue;
        return missing ? arguments.Optional(0, "default_value") ?? StringValue.Empty : value;
    }

    private static StringValue Indent(Value value, Arguments arguments, RenderState state)
    {
        var text = Prose.Expect(value, "indent");
        var width = arguments.Optional(0, "width");
        var indent = width is StringValue given ? given.Text : new string(' ', Math.Clamp(arguments.Int(0, "width") ?? 4, 0, 1000));
        var blank = arguments.Flag(2, "blank");
        var lines = StringMethods.Lines(text + "\n", keepEnds: false).ToArray();
        var rest = lines.Skip(1).Select(line => blank || line.Length > 0 ? indent + line : line);
        return Like(value, (arguments.Flag(1, "first") ? indent : "") + string.Join('\n', lines.Take(1).Concat(rest)));
    }

    private static Value ToInt(Value value, Arguments arguments, RenderState state)
    {
        if (value is UndefinedValue undefined)
            throw new TemplateError(undefined.Reason);
        if (Numbers.TryInt(value, out var whole))
            return new IntValue(whole);
        if (value is StringValue text && NumberText.Whole(text.Text, arguments.Int(1, "base") ?? 10) is { } parsed)
            return new IntValue(parsed);
        if (ToFloat(value) is not { } number || double.IsNaN(number) || (double.IsInfinity(number) && value is StringValue))
            return arguments.Optional(0, "default") ?? new IntValue(0);
        return Math.Abs(number) < 1e38 ? new IntValue((Int128)number) : throw new TemplateError("a number that is too large");
    }

    private static double? ToFloat(Value value) => value switch
    {
        UndefinedValue undefined => throw new TemplateError(undefined.Reason),
        StringValue text => NumberText.Real(text.Text),
        _ => Numbers.TryFloat(value, out var number) ? number : null,
    };

    private static Value Round(Value value, Arguments arguments, RenderState state)
    {
        if (!Numbers.TryFloat(value, out var number))
            throw new TemplateError($"round: expected a number, got {value.TypeName}");
        var places = Math.Clamp(arguments.Int(0, "precision") ?? 0, -400, 400);
        switch (arguments.Text(1, "method", "common"))
        {
            case "common" when Numbers.TryInt(value, out var whole):
                return places >= 0 ? new IntValue(whole) : new IntValue((Int128)Decimals.Round((double)whole, places));
            case "common":
                return new FloatValue(Decimals.Round(number, places));
            case "ceil":
                return new FloatValue((Math.Ceiling(number * Math.Pow(10, places)) + 0.0) / Math.Pow(10, places));
            case "floor":
                return new FloatValue((Math.Floor(number * Math.Pow(10, places)) + 0.0) / Math.Pow(10, places));
            default:
                throw new TemplateError("method must be common, ceil or floor");
        }
    }

    private static string FileSize(Value value, bool binary)
    {
        var size = ToFloat(value) ?? throw new TemplateError($"filesizeformat: expected a number, got {value.TypeName}");
        var unit = binary ? 1024.0 : 1000.0;
        if (size == 1)
            return "1 Byte";
        if (size < unit)
            return $"{(Int128)size} Bytes";
        var steps = 1;
        for (; steps < 8 && size / unit >= unit; steps++)
            size /= unit;
        return $"{Decimals.Fixed(size / unit, 1)} {"kMGTPEZY"[steps - 1]}{(binary ? "iB" : "B")}".Replace("kiB", "KiB", StringComparison.Ordinal);
    }

    // Attributes alone, never elements.
    private static Value Attribute(Value value, Arguments arguments, RenderState state)
    {
        var name = arguments.Required(0, "name").Text;
        if (value is UndefinedValue)
            return value.Attribute(name);
        return (value is NamespaceValue ? value.Element(new StringValue(name)) : value.Property(name)) ?? new UndefinedValue($"'{value.TypeName} object' has no attribute '{name}'");
    }

    private static StringValue Format(Value value, Arguments arguments, RenderState state)
    {
        if (arguments.Positional.Count > 0 && arguments.Named.Count > 0)
            throw new TemplateError("can't handle positional and keyword arguments at the same time");
        Value values = arguments.Named.Count > 0
            ? new DictValue(arguments.Named.Select(argument => ((Value)new StringValue(argument.Key), argument.Value)))
            : new ListValue(arguments.Positional, ListKind.Tuple);
        return Like(value, PercentFormat.Fill(value.Text, values));
    }

    private static Int128 Whole(Value value) =>
        Numbers.TryInt(value, out var whole) ? whole : throw new TemplateError($"expected a number, got {value.TypeName}");

    // Markup stays markup; everything else becomes a plain string.
    private static StringValue Like(Value value, string text) => value is MarkupValue ? new MarkupValue(text) : new StringValue(text);

    private static int First(string word) => char.IsHighSurrogate(word[0]) && word.Length > 1 ? 2 : 1;

    private static StringValue Text(string text) => new(text);

    [GeneratedRegex(@"[^-\s({\[<]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Letters();
}
