using System.Globalization;
using System.Text;

namespace Splitwiser.Models.Chat.Values;

/// <summary>A string. Its elements are code points, as in Python.</summary>
internal class StringValue(string text) : Value
{
    public static StringValue Empty { get; } = new("");

    public override string TypeName => "str";

    public override bool IsTrue => text.Length > 0;

    public override string Text => text;

    public override string Literal => Quote(text);

    public override int Length => HasPairs ? text.EnumerateRunes().Count() : text.Length;

    public override IEnumerable<Value> Elements => text.EnumerateRunes().Select(rune => new StringValue(rune.ToString())).ToArray();

    public override int Hash => text.GetHashCode(StringComparison.Ordinal);

    public override IEnumerable<Value> Reversed => Elements.Reverse().Select(item => Like(item.Text));

    private bool HasPairs => text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');

    public override bool SameAs(Value other) => other is StringValue value && value.Text == text;

    public override Value Sliced(Int128? from, Int128? to, Int128? by) => Like(Take(Slice.Positions(from, to, by, Length)));

    /// <summary>Another string of the same kind: markup stays markup.</summary>
    public virtual StringValue Like(string text) => new(text);

    public override Value? Property(string name) => StringMethods.Find(this, name);

    public override Value? Element(Value key) =>
        Numbers.TryInt(key, out var index) && Slice.TryIndex(index, Length, out var at) ? Like(Take([at])) : null;

    /// <summary>The characters at the given positions, in their order.</summary>
    public string Take(IEnumerable<int> positions)
    {
        if (!HasPairs)
            return new string([.. positions.Select(at => text[at])]);
        var runes = text.EnumerateRunes().ToArray();
        return string.Concat(positions.Select(at => runes[at]));
    }

    private static string Quote(string text)
    {
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        var result = new StringBuilder().Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\n':
                    result.Append("\\n");
                    break;
                case '\r':
                    result.Append("\\r");
                    break;
                case '\t':
                    result.Append("\\t");
                    break;
                case '\\':
                    result.Append("\\\\");
                    break;
                case var c when c == quote:
                    result.Append('\\').Append(quote);
                    break;
                case var c when IsPrintable(rune):
                    result.Append(rune);
                    break;
                case var c:
                    result.Append(c <= 0xFF ? $"\\x{c:x2}" : c <= 0xFFFF ? $"\\u{c:x4}" : $"\\U{c:x8}");
                    break;
            }
        }

        return result.Append(quote).ToString();
    }

    public static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);
}
