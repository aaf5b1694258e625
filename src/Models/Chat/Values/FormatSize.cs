using System.Globalization;
using System.Text.RegularExpressions;

namespace Splitwiser.Models.Chat.Values;

/// <summary>The width or precision of a format field.</summary>
internal static class FormatSize
{
    private const int Most = 100_000;

    /// <summary>Null for none.</summary>
    public static int? Read(Group digits) => digits.Length == 0 ? null
        : int.TryParse(digits.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= Most ? number
        : throw new TemplateError("a width or precision that is too large");

    /// <summary>A text keeps no more characters than its precision.</summary>
    public static string Cut(StringValue text, int? precision) => precision is { } most && most < text.Length ? text.Take(Enumerable.Range(0, most)) : text.Text;
}
