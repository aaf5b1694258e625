using System.Text;
using System.Text.RegularExpressions;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Library;

/// <summary>The filters that cut, wrap or escape running text.</summary>
internal static partial class Prose
{
    /// <summary>Cuts text that is longer than wanted by more than a tolerance, at a space if asked for.</summary>
    public static Value Truncate(Value value, Arguments arguments)
    {
        var length = arguments.Int(0, "length") ?? 255;
        var end = new StringValue(arguments.Text(2, "end", "..."));
        if (length < end.Length)
            throw new TemplateError($"expected length >= {end.Length}, got {length}");
        if (value.Length <= length + (arguments.Int(3, "leeway") ?? 5))
            return value;
        var cut = new StringValue(Expect(value, "truncate")).Take(Enumerable.Range(0, length - end.Length));
        var space = arguments.Flag(1, "killwords") ? -1 : cut.LastIndexOf(' ');
        return new StringValue((space < 0 ? cut : cut[..space]) + end.Text);
    }

    /// <summary>Breaks lines that are longer than the width: between words, behind hyphens, and in words that are too long.</summary>
    public static string Wrap(Value value, Arguments arguments)
    {
        var text = Expect(value, "wordwrap");
        var width = arguments.Int(0, "width") is > 0 and var given ? given : arguments.Optional(0, "width") is null ? 79 : throw new TemplateError("wordwrap: the width must be over 0");
        var breaksWords = arguments.Flag(1, "break_long_words", true);
        var newLine = arguments.Optional(2, "wrapstring") is { } mark and not NoneValue ? mark.Text : "\n";
        var words = arguments.Flag(3, "break_on_hyphens", true) ? Hyphenated() : Spaced();
        return string.Join(newLine, StringMethods.Lines(text, keepEnds: false).Select(line => string.Join(newLine, Lines(words.Matches(line).Select(match => match.Value), width, breaksWords))));
    }

    /// <summary>The text of a string; other values are refused.</summary>
    public static string Expect(Value value, string where) => value switch
    {
        StringValue text => text.Text,
        UndefinedValue undefined => throw new TemplateError(undefined.Reason),
        _ => throw new TemplateError($"{where}: expected str, got {value.TypeName}"),
    };

    private static List<string> Lines(IEnumerable<string> words, int width, bool breaksWords)
    {
        var lines = new List<string>();
        var line = "";
        var rest = new Stack<string>(words.Reverse());
        while (rest.TryPop(out var word))
        {
            if (line.Length == 0 && lines.Count > 0 && string.IsNullOrWhiteSpace(word))
                continue; // blanks at a break go
            if (line.Length + word.Length <= width)
            {
                line += word;
                continue;
            }

            if (word.Length > width && (breaksWords || line.Length == 0))
            {
                var taken = breaksWords ? width - line.Length : word.Length;
                line += word[..taken];
                word = word[taken..];
            }

            if (word.Length > 0)
                rest.Push(word);
            End();
        }

        End();
        return lines;

        void End()
        {
            if (line.TrimEnd().Length > 0)
                lines.Add(line.TrimEnd());
            line = "";
        }
    }

    public static string WithoutTags(string text) => Html(Blanks().Replace(Tags().Replace(text, ""), " ").Trim());

    public static string UrlEncode(Value value)
    {
        if (value is StringValue or not (DictValue or ListValue or ViewValue or GeneratorValue))
            return Percent(value.Text, "/");
        var pairs = value is DictValue dict ? dict.Items : value.Elements;
        return string.Join('&', pairs.Select(pair => pair.Elements.ToArray() is [var key, var member]
            ? $"{Query(key)}={Query(member)}"
            : throw new TemplateError("urlencode: expected pairs")));

        static string Query(Value value) => Percent(value.Text, "").Replace("%20", "+", StringComparison.Ordinal);
    }

    public static string XmlAttributes(Value value, bool leadingSpace)
    {
        var dict = value as DictValue ?? throw new TemplateError($"xmlattr: expected dict, got {value.TypeName}");
        var written = string.Join(' ', dict.Members.Where(member => member.Value is not (NoneValue or UndefinedValue)).Select(member =>
            member.Key.Text.AsSpan().ContainsAny(" \t\n\r\f\v/>=")
                ? throw new TemplateError($"Invalid character in attribute name: {member.Key.Literal}")
                : $"{MarkupValue.Escape(member.Key)}=\"{MarkupValue.Escape(member.Value)}\""));
        return leadingSpace && written.Length > 0 ? " " + written : written;
    }

    private static string Percent(string text, string safe)
    {
        var result = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(text))
            _ = char.IsAsciiLetterOrDigit((char)b) || "_.-~".Contains((char)b) || safe.Contains((char)b) ? result.Append((char)b) : result.Append($"%{b:X2}");
        return result.ToString();
    }

    private static string Html(string text) => System.Net.WebUtility.HtmlDecode(text);

    [GeneratedRegex(@"<!--[\s\S]*?-->|<[\s\S]*?>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"\s+|[^\s]+")]
    private static partial Regex Spaced();

    [GeneratedRegex(@"\s+|[^\s-]*\w-(?=\w{2})|-{2,}(?=\w)|[^\s-]+(?=-{2,}\w)|[^\s]+?(?<=\w[!""'&.,?])(?=-{2,}\w)|[^\s]+?(?:-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[^\d\W]-))(?=[^\d\W]-?[^\d\W])|(?=\s|\z)|(?<=[\w!""'&.,?])(?=-{2,}\w))")]
    private static partial Regex Hyphenated();
}
