using System.Text;

namespace Splitwiser.Models.Chat.Values;

/// <summary>Python's methods of strings.</summary>
internal static class StringMethods
{
    private const string CjkNumbers = "〇一二三四五六七八九十百千万億兆零壹貳叁參肆伍陸柒捌玖拾佰仟萬亿兩";

    public static FunctionValue? Find(StringValue self, string name)
    {
        var text = self.Text;
        Func<Arguments, Value>? method = name switch
        {
            "strip" => arguments => Text(Strip(text, arguments.Optional(0, "chars"), left: true, right: true)),
            "lstrip" => arguments => Text(Strip(text, arguments.Optional(0, "chars"), left: true, right: false)),
            "rstrip" => arguments => Text(Strip(text, arguments.Optional(0, "chars"), left: false, right: true)),
            "split" => arguments => List(Split(text, arguments.Optional(0, "sep"), arguments.Int(1, "maxsplit") ?? -1)),
            "rsplit" => arguments => List(SplitFromRight(text, arguments.Optional(0, "sep"), arguments.Int(1, "maxsplit") ?? -1)),
            "splitlines" => arguments => List(Lines(text, arguments.Flag(0, "keepends"))),
            "partition" => arguments => Partition(text, Needle(arguments, 0, "sep"), fromRight: false),
            "rpartition" => arguments => Partition(text, Needle(arguments, 0, "sep"), fromRight: true),
            "startswith" => arguments => BoolValue.Of(Part(self, arguments) is { } part && AnyOf(arguments, prefix => part.StartsWith(prefix, StringComparison.Ordinal))),
            "endswith" => arguments => BoolValue.Of(Part(self, arguments) is { } part && AnyOf(arguments, suffix => part.EndsWith(suffix, StringComparison.Ordinal))),
            "removeprefix" => arguments => Text(Needle(arguments, 0, "prefix") is var p && text.StartsWith(p, StringComparison.Ordinal) ? text[p.Length..] : text),
            "removesuffix" => arguments => Text(Needle(arguments, 0, "suffix") is var s && text.EndsWith(s, StringComparison.Ordinal) ? text[..^s.Length] : text),
            "replace" => arguments => Text(Replace(text, Needle(arguments, 0, "old"), Needle(arguments, 1, "new"), arguments.Int(2, "count") ?? -1)),
            "join" => arguments => Text(string.Join(text, arguments.Required(0, "iterable").Elements.Select(item => Expect(item, "join")))),
            "find" => arguments => new IntValue(Find(self, arguments, fromRight: false)),
            "rfind" => arguments => new IntValue(Find(self, arguments, fromRight: true)),
            "index" => arguments => Find(self, arguments, fromRight: false) is >= 0 and var at ? new IntValue(at) : throw new TemplateError("substring not found"),
            "rindex" => arguments => Find(self, arguments, fromRight: true) is >= 0 and var at ? new IntValue(at) : throw new TemplateError("substring not found"),
            "count" => arguments => new IntValue(Part(self, arguments) is { } part ? Count(new StringValue(part), Needle(arguments, 0, "sub")) : 0),
            "upper" => _ => Text(CaseMapping.Upper(text)),
            "lower" => _ => Text(CaseMapping.Lower(text)),
            "casefold" => _ => Text(CaseMapping.Fold(text)),
            "swapcase" => _ => Text(CaseMapping.Swap(text)),
            "capitalize" => _ => Text(CaseMapping.Capitalize(text)),
            "title" => _ => Text(CaseMapping.Title(text)),
            "zfill" => arguments => Text(ZeroFill(self, arguments.Int(0, "width") ?? 0)),
            "ljust" => arguments => Text(text + Padding(self, arguments)),
            "rjust" => arguments => Text(Padding(self, arguments) + text),
            "center" => arguments => Text(Center(self, arguments.Int(0, "width") ?? 0, arguments.Text(1, "fillchar", " "))),
            "expandtabs" => arguments => Text(ExpandTabs(text, arguments.Int(0, "tabsize") ?? 8)),
            "isdecimal" => _ => All(text, Rune.IsDigit),
            "isdigit" => _ => All(text, rune => Rune.IsDigit(rune) || IsDigit(rune)),
            "isnumeric" => _ => All(text, rune => Rune.IsNumber(rune) || CjkNumbers.Contains(rune.ToString(), StringComparison.Ordinal)),
            "isalpha" => _ => All(text, Rune.IsLetter),
            "isalnum" => _ => All(text, rune => Rune.IsLetter(rune) || Rune.IsNumber(rune)),
            "isascii" => _ => BoolValue.Of(text.All(char.IsAscii)),
            "isidentifier" => _ => BoolValue.Of(text.Length > 0 && !char.IsDigit(text[0]) && text.EnumerateRunes().All(rune => Rune.IsLetterOrDigit(rune) || rune.Value == '_')),
            "isprintable" => _ => BoolValue.Of(text.EnumerateRunes().All(StringValue.IsPrintable)),
            "istitle" => _ => BoolValue.Of(CaseMapping.IsTitle(text)),
            "isspace" => _ => All(text, rune => rune.IsBmp && IsSpace((char)rune.Value)),
            "isupper" => _ => BoolValue.Of(Rule(text, CaseMapping.IsUpper)),
            "islower" => _ => BoolValue.Of(Rule(text, CaseMapping.IsLower)),
            "format" => arguments => Text(BraceFormat.Fill(text, arguments)),
            _ => null,
        };
        return method is null ? null : new FunctionValue(name, method);
    }

    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1C' and <= '\x1F';

    /// <summary>Takes blanks away, or any of the given characters.</summary>
    public static string Strip(string text, Value? characters, bool left, bool right)
    {
        var set = characters is null or NoneValue ? null : Expect(characters, "strip").EnumerateRunes().ToHashSet();
        var start = 0;
        var end = text.Length;
        while (left && start < end && Rune.DecodeFromUtf16(text.AsSpan(start, end - start), out var rune, out var size) == 0 && Goes(rune))
            start += size;
        while (right && start < end && Rune.DecodeLastFromUtf16(text.AsSpan(start, end - start), out var rune, out var size) == 0 && Goes(rune))
            end -= size;
        return text[start..end];

        bool Goes(Rune rune) => set?.Contains(rune) ?? (rune.IsBmp && IsSpace((char)rune.Value));
    }

    /// <summary>Replaces the first <paramref name="count"/> matches, all of them where it is negative.</summary>
    public static string Replace(string text, string old, string replacement, int count)
    {
        if (count < 0 && old.Length > 0)
            return text.Replace(old, replacement, StringComparison.Ordinal);
        var result = new StringBuilder();
        var at = 0;
        for (; count != 0; count--)
        {
            if (old.Length == 0)
            {
                result.Append(replacement);
                if (at == text.Length)
                    break;
                result.Append(text[at++]);
                if (at < text.Length && char.IsLowSurrogate(text[at]))
                    result.Append(text[at++]);
                continue;
            }

            var found = text.IndexOf(old, at, StringComparison.Ordinal);
            if (found < 0)
                break;
            result.Append(text, at, found - at).Append(replacement);
            at = found + old.Length;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    public static IEnumerable<string> Lines(string text, bool keepEnds)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = text.AsSpan(start).IndexOfAny("\n\r\v\f\x1C\x1D\x1E\u0085\u2028\u2029") is >= 0 and var found ? start + found : text.Length;
            var next = end == text.Length ? end : end + (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1);
            yield return text[start..(keepEnds ? next : end)];
            start = next;
        }
    }

    private static IEnumerable<string> Split(string text, Value? separator, int most)
    {
        if (separator is not (null or NoneValue))
            return text.Split(Separator(separator), most < 0 ? int.MaxValue : most + 1);
        var words = new List<string>();
        var rest = Strip(text, null, left: true, right: false);
        while (rest.Length > 0)
        {
            var end = 0;
            while (end < rest.Length && !IsSpace(rest[end]))
                end++;
            if (most >= 0 && words.Count == most)
                end = rest.Length;
            words.Add(rest[..end]);
            rest = Strip(rest[end..], null, left: true, right: false);
        }

        return words;
    }

    private static IEnumerable<string> SplitFromRight(string text, Value? separator, int most)
    {
        if (most < 0)
            return Split(text, separator, most);
        if (separator is null or NoneValue)
            return Split(Reverse(text), null, most).Select(Reverse).Reverse();
        var mark = Separator(separator);
        var parts = new LinkedList<string>();
        for (int at; parts.Count < most && (at = text.LastIndexOf(mark, StringComparison.Ordinal)) >= 0; text = text[..at])
            parts.AddFirst(text[(at + mark.Length)..]);
        parts.AddFirst(text);
        return parts;
    }

    private static string Reverse(string text) => string.Concat(text.EnumerateRunes().Reverse());

    private static string Separator(Value separator) => Expect(separator, "split") is { Length: > 0 } mark ? mark : throw new TemplateError("empty separator");

    private static ListValue Partition(string text, string separator, bool fromRight)
    {
        if (separator.Length == 0)
            throw new TemplateError("empty separator");
        var at = fromRight ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        string[] parts = at < 0 ? (fromRight ? ["", "", text] : [text, "", ""]) : [text[..at], separator, text[(at + separator.Length)..]];
        return new ListValue([.. parts.Select(Text)], ListKind.Tuple);
    }

    private static bool AnyOf(Arguments arguments, Func<string, bool> matches) =>
        arguments.Required(0, "prefix") is ListValue { Kind: ListKind.Tuple } several
            ? several.Values.Any(item => matches(Expect(item, "startswith")))
            : matches(Needle(arguments, 0, "prefix"));

    // What lies between the arguments start and end, counted in code points; nothing where start is behind the end.
    private static string? Part(StringValue self, Arguments arguments)
    {
        if (arguments.Positional.Count < 2)
            return self.Text;
        var (from, to, _) = Slice.Bounds(arguments.Int(1, "start"), arguments.Int(2, "end"), null, self.Length);
        return arguments.Int(1, "start") > self.Length || from > to ? null : self.Take(Enumerable.Range((int)from, (int)(to - from)));
    }

    private static int Find(StringValue self, Arguments arguments, bool fromRight)
    {
        var needle = Needle(arguments, 0, "sub");
        if (Part(self, arguments) is not { } part)
            return -1;
        var at = fromRight ? part.LastIndexOf(needle, StringComparison.Ordinal) : part.IndexOf(needle, StringComparison.Ordinal);
        var start = arguments.Positional.Count < 2 ? 0 : (int)Slice.Bounds(arguments.Int(1, "start"), null, null, self.Length).From;
        return at < 0 ? -1 : start + new StringValue(part[..at]).Length;
    }

    public static string Center(StringValue self, int width, string fill)
    {
        var missing = Math.Max(width - self.Length, 0);
        var left = (missing / 2) + (missing & width & 1);
        return Repeat(fill, left) + self.Text + Repeat(fill, missing - left);
    }

    private static string ExpandTabs(string text, int size)
    {
        var result = new StringBuilder();
        var column = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var blanks = rune.Value == '\t' ? size > 0 ? size - (column % size) : 0 : -1;
            _ = blanks < 0 ? result.Append(rune) : result.Append(Repeat(" ", blanks));
            column = rune.Value is '\n' or '\r' ? 0 : column + Math.Max(blanks, rune.Value == '\t' ? 0 : 1);
        }

        return result.ToString();
    }

    // Superscripts and the like: digits, though not decimal ones.
    private static bool IsDigit(Rune rune) => rune.Value is '²' or '³' or '¹' or 0x2070 or (>= 0x2074 and <= 0x2079) or (>= 0x2080 and <= 0x2089) or (>= 0x2460 and <= 0x2468)
        or (>= 0x2474 and <= 0x247C) or (>= 0x2488 and <= 0x2490);

    private static int Count(StringValue self, string needle) =>
        needle.Length == 0 ? self.Length + 1 : self.Text.AsSpan().Count(needle);

    private static string ZeroFill(StringValue self, int width)
    {
        var sign = self.Text is ['+' or '-', ..] ? 1 : 0;
        return self.Text[..sign] + Repeat("0", width - self.Length) + self.Text[sign..];
    }

    private static string Padding(StringValue self, Arguments arguments) =>
        Repeat(arguments.Text(1, "fillchar", " "), (arguments.Int(0, "width") ?? 0) - self.Length);

    private static string Repeat(string text, int count) => count > 1 << 20
        ? throw new TemplateError("a width that is too large")
        : string.Concat(Enumerable.Repeat(text, Math.Max(count, 0)));

    private static BoolValue All(string text, Func<Rune, bool> matches) => BoolValue.Of(text.Length > 0 && text.EnumerateRunes().All(matches));

    // All letters that have a case have this one, and there are some.
    private static bool Rule(string text, Func<Rune, bool> matches) => text.EnumerateRunes().Any(CaseMapping.IsCased) && text.EnumerateRunes().Where(CaseMapping.IsCased).All(matches);

    private static string Needle(Arguments arguments, int position, string name) => Expect(arguments.Required(position, name), name);

    private static string Expect(Value value, string where) =>
        value is StringValue text ? text.Text : throw new TemplateError($"{where}: expected str, got {value.TypeName}");

    private static StringValue Text(string text) => new(text);

    private static ListValue List(IEnumerable<string> texts) => new([.. texts.Select(Text)]);
}
