using System.Globalization;

namespace Splitwiser.Models.Tokenization.Unicode;

/// <summary>Decompositions, compositions, combining classes and marks, character by character (Normalization.txt).</summary>
internal sealed class NormalizationTable
{
    private readonly Dictionary<int, int[]> canonical = [];
    private readonly Dictionary<int, int[]> compatibility = [];
    private readonly Dictionary<(int, int), int> compositions = [];
    private readonly Dictionary<int, byte> classes = [];
    private readonly HashSet<int> marks = [];

    private NormalizationTable()
    {
        foreach (var line in UnicodeTable.Lines("Normalization.txt"))
        {
            var fields = line.Split(' ');
            switch (fields[1])
            {
                case ":":
                    foreach (var c in Range(fields[0]))
                        classes[c] = byte.Parse(fields[2], CultureInfo.InvariantCulture);
                    break;
                case "^":
                    marks.UnionWith(Range(fields[0]));
                    break;
                default:
                    AddDecomposition(Hex(fields[0]), fields[1], [.. fields.Skip(2).Select(Hex)]);
                    break;
            }
        }
    }

    public static Lazy<NormalizationTable> Shared { get; } = new(() => new NormalizationTable());

    /// <summary>A character's canonical combining class, 0 for a starter.</summary>
    public byte Class(int character) => classes.GetValueOrDefault(character);

    public bool IsMark(int character) => marks.Contains(character);

    /// <summary>One step of decomposition, nothing where there is none.</summary>
    public int[]? Decomposition(int character, bool compatible) =>
        canonical.GetValueOrDefault(character) ?? (compatible ? compatibility.GetValueOrDefault(character) : null);

    public bool TryCompose(int first, int second, out int composed) => compositions.TryGetValue((first, second), out composed);

    private void AddDecomposition(int character, string kind, int[] parts)
    {
        (kind == "~" ? compatibility : canonical)[character] = parts;
        if (kind == "=")
            compositions[(parts[0], parts[1])] = character;
    }

    private static IEnumerable<int> Range(string text)
    {
        var ends = text.Split("..");
        return Enumerable.Range(Hex(ends[0]), Hex(ends[1]) - Hex(ends[0]) + 1);
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
