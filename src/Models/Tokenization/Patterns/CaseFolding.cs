using System.Text;

namespace Splitwiser.Models.Tokenization.Patterns;

/// <summary>Simple case folding: which characters are the same when case doesn't count.</summary>
internal static class CaseFolding
{
    private static readonly Lazy<ILookup<int, int>> variants = new(() =>
        Enumerable.Range(0, 0x1F000) // no character with case lies behind it
            .Where(c => Rune.IsValid(c) && c is not (0x130 or 0x131)) // dotted and dotless i fold in Turkic languages only
            .ToLookup(Key));

    /// <summary>The set with every character's variants.</summary>
    public static CodePointSet Close(CodePointSet set)
    {
        var more = variants.Value.Where(group => group.Skip(1).Any() && group.Any(set.Contains))
            .SelectMany(group => group).Select(c => (c, c));
        return set | CodePointSet.Of(more);
    }

    private static int Key(int c) => c switch
    {
        0x17F => 's', // long s: the framework leaves it alone
        0x1E9E => 0xDF, // capital sharp s
        _ => Rune.ToLowerInvariant(Rune.ToUpperInvariant(new Rune(c))).Value,
    };
}
