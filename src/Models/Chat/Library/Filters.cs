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
        ["capitalize"] = (value, _, _) => Text(StringMethods.Capitalize(value.Text)),
        ["default"] = Default,
        ["d"] = Default,
        ["escape"] = (value, _, _) => Text(Escape(value.Text)),
        ["e"] = (value, _, _) => Text(Escape(value.Text)),
        ["float"] = (value, arguments, _) => ToFloat(value) is { } number ? new FloatValue(number) : arguments.Optional(0, "default") ?? new FloatValue(0),
        ["indent"] = Indent,
        ["int"] = ToInt,
        ["lower"] = (value, _, _) => Text(value.Text.ToLowerInvariant()),
        ["replace"] = (value, arguments, _) => Text(StringMethods.Replace(
            value.Text, arguments.Required(0, "old").Text, arguments.Required(1, "new").Text, arguments.Int(2, "count") ?? -1)),
        ["round"] = Round,
        ["safe"] = (value, _, _) => Text(value.Text), // nothing is escaped here
        ["string"] = (value, _, _) => Text(value.Text),
        ["title"] = (value, _, _) => Text(Word().Replace(value.Text, match => StringMethods.Capitalize(match.Value))),
        ["tojson"] = JsonText.Filter,
        ["trim"] = (value, arguments, _) => Text(StringMethods.Strip(value.Text, arguments.Optional(0, "chars"), left: true, right: true)),
        ["upper"] = (value, _, _) => Text(value.Text.ToUpperInvariant()),
        ["wordcount"] = (value, _, _) => new IntValue(Letters().Count(value.Text)),
    };

    public static Filter? Find(string name) => all.GetValueOrDefault(name);

    private static Value Default(Value value, Arguments arguments, RenderState state)
    {
        var missing = arguments.Flag(1, "boolean") ? !value.IsTrue : value is UndefinedValue;
        return missing ? arguments.Optional(0, "default_value") ?? StringValue.Empty : value;
    }

    private static StringValue Indent(Value value, Arguments arguments, RenderState state)
    {
        var width = arguments.Optional(0, "width");
        var indent = width is StringValue given ? given.Text : new string(' ', Math.Clamp(arguments.Int(0, "width") ?? 4, 0, 1000));
        var blank = arguments.Flag(2, "blank");
        var lines = StringMethods.Lines(value.Text + "\n", keepEnds: false).ToArray();
        var rest = lines.Skip(1).Select(line => blank || line.Length > 0 ? indent + line : line);
        return Text((arguments.Flag(1, "first") ? indent : "") + string.Join('\n', lines.Take(1).Concat(rest)));
    }

    private static Value ToInt(Value value, Arguments arguments, RenderState state)
    {
        if (Numbers.TryInt(value, out var whole))
            return new IntValue(whole);
        var text = value.Text.Trim().Replace("_", "", StringComparison.Ordinal);
        if (value is StringValue && ParseWhole(text, arguments.Int(1, "base") ?? 10) is { } parsed)
            return new IntValue(parsed);
        return ToFloat(value) is { } number && Math.Abs(number) < 1e38 ? new IntValue((Int128)number) : arguments.Optional(0, "default") ?? new IntValue(0);
    }

    private static Int128? ParseWhole(string text, int radix) => radix switch
    {
        16 => Parse(text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text, NumberStyles.AllowHexSpecifier),
        10 => Parse(text, NumberStyles.AllowLeadingSign),
        _ => throw new TemplateError($"numbers to base {radix}, which are not served"),
    };

    private static Int128? Parse(string digits, NumberStyles style) =>
        Int128.TryParse(digits, style, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static double? ToFloat(Value value) =>
        Numbers.TryFloat(value, out var number) ? number
        : value is StringValue && double.TryParse(value.Text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed
        : null;

    private static FloatValue Round(Value value, Arguments arguments, RenderState state)
    {
        if (!Numbers.TryFloat(value, out var number))
            throw new TemplateError($"round: expected a number, got {value.TypeName}");
        var scale = Math.Pow(10, Math.Clamp(arguments.Int(0, "precision") ?? 0, -15, 15));
        return new FloatValue(arguments.Text(1, "method", "common") switch
        {
            "common" => Math.Round(number * scale, MidpointRounding.ToEven) / scale,
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            _ => throw new TemplateError("method must be common, ceil or floor"),
        });
    }

    private static Int128 Whole(Value value) =>
        Numbers.TryInt(value, out var whole) ? whole : throw new TemplateError($"expected a number, got {value.TypeName}");

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal);

    private static StringValue Text(string text) => new(text);

    [GeneratedRegex(@"[^-\s({\[<]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Letters();
}
