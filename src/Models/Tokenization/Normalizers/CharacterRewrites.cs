using System.Text;
using Splitwiser.Models.Tokenization.Unicode;

namespace Splitwiser.Models.Tokenization.Normalizers;

/// <summary>Rewrites that look at one character at a time.</summary>
internal static class CharacterRewrites
{
    /// <summary>Lower case by character: no final sigma, and the dotted capital I becomes two characters.</summary>
    public static string Lower(string text) => Each(text, static (rune, result) =>
    {
        if (rune.Value == 0x130)
            result.Append("i\u0307");
        else
            result.Append(Rune.ToLowerInvariant(rune));
    });

    /// <summary>Leaves combining marks out.</summary>
    public static string WithoutMarks(string text) => Each(text, static (rune, result) =>
    {
        if (!NormalizationTable.Shared.Value.IsMark(rune.Value))
            result.Append(rune);
    });

    /// <summary>Leaves control characters out and makes other blanks spaces, as SentencePiece's nmt rules do.</summary>
    public static string Nmt(string text) => Each(text, static (rune, result) =>
    {
        switch (rune.Value)
        {
            case (>= 0x01 and <= 0x08) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F:
                break;
            case 0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD:
                result.Append(' ');
                break;
            default:
                result.Append(rune);
                break;
        }
    });

    private static string Each(string text, Action<Rune, StringBuilder> write)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            write(rune, result);
        return result.ToString();
    }
}
