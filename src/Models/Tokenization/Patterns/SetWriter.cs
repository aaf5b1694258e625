using System.Text;

namespace Splitwiser.Models.Tokenization.Patterns;

/// <summary>Writes a set of code points for .NET, whose expressions see UTF-16: a character beyond U+FFFF becomes a pair.</summary>
internal static class SetWriter
{
    private const string NoCharacter = "(?!)";
    private static readonly CodePointSet basic = CodePointSet.Of((0, 0xD7FF), (0xE000, 0xFFFF));

    /// <param name="pairs">Whether the text can have surrogate pairs; without them the expression is simpler and faster.</param>
    public static string Write(CodePointSet set, bool pairs)
    {
        var choices = new List<string>();
        var units = set & basic;
        if (!units.IsEmpty)
            choices.Add(Units(units));
        if (pairs)
            choices.AddRange(Pairs(set));
        return choices.Count switch
        {
            0 => NoCharacter,
            1 => choices[0].Length <= 6 || units.IsEmpty is false ? choices[0] : $"(?:{choices[0]})",
            _ => $"(?:{string.Join('|', choices)})",
        };
    }

    private static string Units(CodePointSet set) => $"[{string.Concat(set.Ranges.Select(range => Range(range.First, range.Last)))}]";

    private static IEnumerable<string> Pairs(CodePointSet set)
    {
        var byHigh = new SortedDictionary<int, List<(int, int)>>();
        foreach (var (first, last) in (set - CodePointSet.Of((0, 0xFFFF))).Ranges)
        {
            for (var block = first & ~0x3FF; block <= last; block += 0x400)
            {
                var high = 0xD7C0 + (block >> 10);
                if (!byHigh.TryGetValue(high, out var lows))
                    byHigh[high] = lows = [];
                lows.Add((0xDC00 + Math.Max(first - block, 0), 0xDC00 + Math.Min(last - block, 0x3FF)));
            }
        }

        // High surrogates with the same low ones share an entry: most of them have all.
        return byHigh.GroupBy(entry => Units(CodePointSet.Of(entry.Value)), entry => entry.Key)
            .Select(group => Units(CodePointSet.Of(group.Select(high => (high, high)))) + group.Key);
    }

    private static string Range(int first, int last) => first == last ? Unit(first) : $"{Unit(first)}-{Unit(last)}";

    private static string Unit(int unit) => $"\\u{unit:X4}";
}
