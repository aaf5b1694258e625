using System.Text;

namespace Splitwiser.Models.Tokenization.Unicode;

/// <summary>The four Unicode normalization forms (UAX #15).</summary>
internal sealed class NormalForm
{
    private readonly bool compose;
    private readonly bool compatible;
    private readonly char firstAffected; // text of lower characters only stays as it is

    private NormalForm(bool compose, bool compatible, char firstAffected)
    {
        this.compose = compose;
        this.compatible = compatible;
        this.firstAffected = firstAffected;
    }

    public static NormalForm C { get; } = new(compose: true, compatible: false, '\u0300');

    public static NormalForm D { get; } = new(compose: false, compatible: false, '\u00C0');

    public static NormalForm KC { get; } = new(compose: true, compatible: true, '\u00A0');

    public static NormalForm KD { get; } = new(compose: false, compatible: true, '\u00A0');

    public string Apply(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange(firstAffected, char.MaxValue))
            return text;
        var table = NormalizationTable.Shared.Value;
        var characters = new List<(int Character, byte Class)>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(table, rune.Value, characters);
        Order(characters);
        if (compose)
            Compose(table, characters);
        var result = new StringBuilder(text.Length);
        foreach (var (character, _) in characters)
            result.Append(new Rune(character));
        return result.ToString();
    }

    private void Decompose(NormalizationTable table, int character, List<(int, byte)> into)
    {
        if (Hangul.IsSyllable(character))
        {
            foreach (var part in Hangul.Decompose(character))
                into.Add((part, 0));
        }
        else if (table.Decomposition(character, compatible) is { } parts)
        {
            foreach (var part in parts)
                Decompose(table, part, into);
        }
        else
        {
            into.Add((character, table.Class(character)));
        }
    }

    // Marks behind a starter go by their class; those of one class keep their order.
    private static void Order(List<(int Character, byte Class)> characters)
    {
        for (var start = 0; start < characters.Count; start++)
        {
            if (characters[start].Class == 0)
                continue;
            var end = start;
            while (end < characters.Count && characters[end].Class != 0)
                end++;
            if (end - start > 1)
            {
                var ordered = characters[start..end].OrderBy(item => item.Class).ToArray();
                for (var i = start; i < end; i++)
                    characters[i] = ordered[i - start];
            }

            start = end;
        }
    }

    private static void Compose(NormalizationTable table, List<(int Character, byte Class)> characters)
    {
        var starter = -1; // where the last starter was written
        var written = 0;
        var last = (byte)0; // class of the last character that was written
        for (var at = 0; at < characters.Count; at++)
        {
            var (character, classOf) = characters[at];
            var blocked = starter < 0 || (written - starter > 1 && last >= classOf);
            if (!blocked && TryCompose(table, characters[starter].Character, character, out var composed))
            {
                characters[starter] = (composed, 0);
                continue;
            }

            if (classOf == 0)
                starter = written;
            last = classOf;
            characters[written++] = (character, classOf);
        }

        characters.RemoveRange(written, characters.Count - written);
    }

    private static bool TryCompose(NormalizationTable table, int first, int second, out int composed) =>
        Hangul.TryCompose(first, second, out composed) || table.TryCompose(first, second, out composed);
}
