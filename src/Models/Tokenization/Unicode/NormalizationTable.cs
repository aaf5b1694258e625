using System.Globalization;

namespace Splitwiser.Models.Tokenization.Unicode;

/// <summary>Decompositions, compositions and combining classes of single characters (Normalization.txt).</summary>
internal sealed class NormalizationTable
{
    private readonly Dictionary<int, int[]> canonical = [];
    private readonly Dictionary<int, int[]> compatibility = [];
    private readonly Dictionary<(int, int), int> compositions = [];
    private readonly Dictionary<int, byte> classes = [];

    private NormalizationTable()
    {
        foreach (var line in UnicodeTable.Lines("Normalization.txt"))
        {
            var fields = line.Split(' ');
            if (fields[1] == ":")
                AddClass(fields[0], byte.Parse(fields[2], CultureInfo.InvariantCulture));
            else
                AddDecomposition(Hex(fields[0]), fields[1], [.. fields.Skip(2).Select(Hex)]);
        }
    }

    public static Lazy<NormalizationTable> Shared { get; } = new(() => new NormalizationTable());

    /// <summary>A character's canonical combining class, 0 for a starter.</summary>
    public byte Class(int character) => classes.GetValueOrDefault(character);

    /// <summary>One step of decomposition, nothing where there is none.</summary>
    public int[]? Decomposition(int character, bool compatible) =>
        canonical.GetValueOrDefault(character) ?? (compatible ? compatibility.GetValueOrDefault(character) : null);

    public bool TryCompose(int first, int second, out int composed) => compositions.TryGetValue((first, second), out composed);

    private void AddClass(string range, byte value)
    {
        var ends = range.Split("..");
        for (var c = Hex(ends[0]); c <= Hex(ends[1]); c++)
            classes[c] = value;
    }

    private void AddDecomposition(int character, string kind, int[] parts)
    {
        (kind == "~" ? compatibility : canonical)[character] = parts;
        if (kind == "=")
            compositions[(parts[0], parts[1])] = character;
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
