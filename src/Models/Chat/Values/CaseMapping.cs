using System.Globalization;
using System.Text;

namespace Splitwiser.Models.Chat.Values;

/// <summary>Upper, lower and title case as Python has them: Unicode's full mappings, under which one character may become several.</summary>
internal static class CaseMapping
{
    // A character, and the several that are its upper case.
    private const string Several =
        "\u00DF\u0053\u0053 \u0149\u02BC\u004E \u01F0\u004A\u030C \u0390\u0399\u0308\u0301 \u03B0\u03A5\u0308\u0301 "
        + "\u0587\u0535\u0552 \u1E96\u0048\u0331 \u1E97\u0054\u0308 \u1E98\u0057\u030A \u1E99\u0059\u030A \u1E9A\u0041\u02BE "
        + "\u1F50\u03A5\u0313 \u1F52\u03A5\u0313\u0300 \u1F54\u03A5\u0313\u0301 \u1F56\u03A5\u0313\u0342 \u1F80\u1F08\u0399 "
        + "\u1F81\u1F09\u0399 \u1F82\u1F0A\u0399 \u1F83\u1F0B\u0399 \u1F84\u1F0C\u0399 \u1F85\u1F0D\u0399 \u1F86\u1F0E\u0399 "
        + "\u1F87\u1F0F\u0399 \u1F88\u1F08\u0399 \u1F89\u1F09\u0399 \u1F8A\u1F0A\u0399 \u1F8B\u1F0B\u0399 \u1F8C\u1F0C\u0399 "
        + "\u1F8D\u1F0D\u0399 \u1F8E\u1F0E\u0399 \u1F8F\u1F0F\u0399 \u1F90\u1F28\u0399 \u1F91\u1F29\u0399 \u1F92\u1F2A\u0399 "
        + "\u1F93\u1F2B\u0399 \u1F94\u1F2C\u0399 \u1F95\u1F2D\u0399 \u1F96\u1F2E\u0399 \u1F97\u1F2F\u0399 \u1F98\u1F28\u0399 "
        + "\u1F99\u1F29\u0399 \u1F9A\u1F2A\u0399 \u1F9B\u1F2B\u0399 \u1F9C\u1F2C\u0399 \u1F9D\u1F2D\u0399 \u1F9E\u1F2E\u0399 "
        + "\u1F9F\u1F2F\u0399 \u1FA0\u1F68\u0399 \u1FA1\u1F69\u0399 \u1FA2\u1F6A\u0399 \u1FA3\u1F6B\u0399 \u1FA4\u1F6C\u0399 "
        + "\u1FA5\u1F6D\u0399 \u1FA6\u1F6E\u0399 \u1FA7\u1F6F\u0399 \u1FA8\u1F68\u0399 \u1FA9\u1F69\u0399 \u1FAA\u1F6A\u0399 "
        + "\u1FAB\u1F6B\u0399 \u1FAC\u1F6C\u0399 \u1FAD\u1F6D\u0399 \u1FAE\u1F6E\u0399 \u1FAF\u1F6F\u0399 \u1FB2\u1FBA\u0399 "
        + "\u1FB3\u0391\u0399 \u1FB4\u0386\u0399 \u1FB6\u0391\u0342 \u1FB7\u0391\u0342\u0399 \u1FBC\u0391\u0399 \u1FC2\u1FCA\u0399 "
        + "\u1FC3\u0397\u0399 \u1FC4\u0389\u0399 \u1FC6\u0397\u0342 \u1FC7\u0397\u0342\u0399 \u1FCC\u0397\u0399 "
        + "\u1FD2\u0399\u0308\u0300 \u1FD3\u0399\u0308\u0301 \u1FD6\u0399\u0342 \u1FD7\u0399\u0308\u0342 \u1FE2\u03A5\u0308\u0300 "
        + "\u1FE3\u03A5\u0308\u0301 \u1FE4\u03A1\u0313 \u1FE6\u03A5\u0342 \u1FE7\u03A5\u0308\u0342 \u1FF2\u1FFA\u0399 "
        + "\u1FF3\u03A9\u0399 \u1FF4\u038F\u0399 \u1FF6\u03A9\u0342 \u1FF7\u03A9\u0342\u0399 \u1FFC\u03A9\u0399 \uFB00\u0046\u0046 "
        + "\uFB01\u0046\u0049 \uFB02\u0046\u004C \uFB03\u0046\u0046\u0049 \uFB04\u0046\u0046\u004C \uFB05\u0053\u0054 "
        + "\uFB06\u0053\u0054 \uFB13\u0544\u0546 \uFB14\u0544\u0535 \uFB15\u0544\u053B \uFB16\u054E\u0546 \uFB17\u0544\u053D";

    // A character and its title case, where that is neither its upper case nor made of it.
    private const string Titles =
        "\u01C4\u01C5\u01C5\u01C5\u01C6\u01C5\u01C7\u01C8\u01C8\u01C8\u01C9\u01C8\u01CA\u01CB\u01CB\u01CB\u01CC\u01CB"
        + "\u01F1\u01F2\u01F2\u01F2\u01F3\u01F2\u1FB3\u1FBC\u1FBC\u1FBC\u1FC3\u1FCC\u1FCC\u1FCC\u1FF3\u1FFC\u1FFC\u1FFC";

    private static readonly Dictionary<int, string> upper = Several.Split(' ').ToDictionary(pair => (int)pair[0], pair => pair[1..]);
    private static readonly Dictionary<int, string> title = Enumerable.Range(0, Titles.Length / 2).ToDictionary(i => (int)Titles[2 * i], i => Titles[(2 * i) + 1].ToString());

    public static string Upper(string text) => Each(text, (rune, _) => Upper(rune));

    public static string Lower(string text) => Each(text, (rune, at) => Lower(text, rune, at));

    /// <summary>Case taken away for comparing.</summary>
    public static string Fold(string text) => Lower(Each(text, (rune, _) => upper.GetValueOrDefault(rune.Value) ?? rune.ToString())).Replace('ς', 'σ').Replace('ſ', 's');

    /// <summary>The first character in title case, the rest in lower case.</summary>
    public static string Capitalize(string text) => Each(text, (rune, at) => at == 0 ? Title(rune) : Lower(text, rune, at));

    /// <summary>Every run of cased characters begins in title case and goes on in lower case.</summary>
    public static string Title(string text)
    {
        var inWord = false;
        return Each(text, (rune, at) =>
        {
            var mapped = inWord ? Lower(text, rune, at) : Title(rune);
            inWord = IsCased(rune);
            return mapped;
        });
    }

    public static string Swap(string text) => Each(text, (rune, at) => Rune.IsUpper(rune) ? Lower(text, rune, at) : Rune.IsLower(rune) ? Upper(rune) : rune.ToString());

    public static bool IsUpper(Rune rune) => Rune.IsUpper(rune) || rune.Value is (>= 0x2160 and <= 0x216F) or (>= 0x24B6 and <= 0x24CF)
        or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);

    public static bool IsLower(Rune rune) => Rune.IsLower(rune) || rune.Value is 0xAA or 0xBA or (>= 0x2B0 and <= 0x2B8) or (>= 0x2170 and <= 0x217F) or (>= 0x24D0 and <= 0x24E9);

    public static bool IsCased(Rune rune) => IsUpper(rune) || IsLower(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.TitlecaseLetter;

    /// <summary>Whether capitals stand at the beginnings of words and nowhere else.</summary>
    public static bool IsTitle(string text)
    {
        var (inWord, any) = (false, false);
        foreach (var rune in text.EnumerateRunes())
        {
            var cased = IsCased(rune);
            if (cased && IsLower(rune) != inWord)
                return false;
            inWord = cased;
            any |= cased;
        }

        return any;
    }

    private static string Upper(Rune rune) => upper.GetValueOrDefault(rune.Value) ?? Rune.ToUpperInvariant(rune).ToString();

    private static string Title(Rune rune)
    {
        if (title.TryGetValue(rune.Value, out var single))
            return single;
        if (rune.Value is >= 0x10D0 and <= 0x10FF) // Georgian has no title case
            return rune.ToString();
        if (rune.Value is >= 0x1F80 and <= 0x1FAF) // eight with the iota below, then their eight title forms
            return ((char)(rune.Value | 8)).ToString();
        var full = Upper(rune);
        return full.Length == 1 || !upper.ContainsKey(rune.Value) ? full : full[0] + Lower(full[1..]).Replace('ι', '\u0345');
    }

    private static string Lower(string text, Rune rune, int at) => rune.Value switch
    {
        'İ' => "i\u0307",
        'Σ' => IsFinal(text, at) ? "ς" : "σ",
        _ => Rune.ToLowerInvariant(rune).ToString(),
    };

    // A capital sigma ends a word if a letter is before it and none behind, marks and the like aside.
    private static bool IsFinal(string text, int at)
    {
        var before = text.AsSpan(0, at);
        while (Rune.DecodeLastFromUtf16(before, out var rune, out var size) == 0 && IsIgnorable(rune))
            before = before[..^size];
        var behind = text.AsSpan(at + 1);
        while (Rune.DecodeFromUtf16(behind, out var rune, out var size) == 0 && IsIgnorable(rune))
            behind = behind[size..];
        return Rune.DecodeLastFromUtf16(before, out var last, out _) == 0 && IsCased(last)
            && !(Rune.DecodeFromUtf16(behind, out var next, out _) == 0 && IsCased(next));
    }

    private static bool IsIgnorable(Rune rune) => rune.Value is '\'' or '.' or ':' or '^' or '`' or '¨' or '·' or '\u2018' or '\u2019' || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;

    private static string Each(string text, Func<Rune, int, string> map)
    {
        var result = new StringBuilder(text.Length);
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            result.Append(map(rune, at));
            at += rune.Utf16SequenceLength;
        }

        return result.ToString();
    }
}
