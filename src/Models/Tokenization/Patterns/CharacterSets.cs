using System.Globalization;
using Splitwiser.Models.Tokenization.Unicode;

namespace Splitwiser.Models.Tokenization.Patterns;

/// <summary>The named sets of characters: general categories, scripts, and the classes built from them (UTS #18).</summary>
internal static class CharacterSets
{
    private static readonly string[] categoryNames = // in the order of UnicodeCategory
    [
        "lu|uppercaseletter", "ll|lowercaseletter", "lt|titlecaseletter", "lm|modifierletter", "lo|otherletter",
        "mn|nonspacingmark", "mc|spacingmark", "me|enclosingmark", "nd|decimalnumber", "nl|letternumber", "no|othernumber",
        "zs|spaceseparator", "zl|lineseparator", "zp|paragraphseparator", "cc|control", "cf|format", "cs|surrogate", "co|privateuse",
        "pc|connectorpunctuation", "pd|dashpunctuation", "ps|openpunctuation", "pe|closepunctuation", "pi|initialpunctuation",
        "pf|finalpunctuation", "po|otherpunctuation", "sm|mathsymbol", "sc|currencysymbol", "sk|modifiersymbol", "so|othersymbol",
        "cn|unassigned",
    ];

    private static readonly Lazy<CodePointSet[]> categories = new(ScanCategories);
    private static readonly Lazy<Dictionary<string, CodePointSet>> named = new(Name);

    public static CodePointSet Space { get; } = CodePointSet.Of((9, 13), (0x20, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680),
        (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000));

    public static CodePointSet Digit => Category(UnicodeCategory.DecimalDigitNumber);

    public static CodePointSet HexDigit { get; } = CodePointSet.Of(('0', '9'), ('A', 'F'), ('a', 'f'));

    public static CodePointSet Newline { get; } = CodePointSet.Of('\n');

    /// <summary>What \w means in brackets: alphabetic characters, marks, decimal digits and connectors.</summary>
    public static CodePointSet Word => named.Value["word"];

    /// <summary>What \w and \b mean elsewhere: Oniguruma has Latin-1's superscripts and fractions there too.</summary>
    public static CodePointSet LooseWord => named.Value["looseword"];

    public static CodePointSet Category(UnicodeCategory category) => categories.Value[(int)category];

    /// <summary>A set by its name in \p{...}; case, blanks, '_' and '-' don't count.</summary>
    public static bool TryGet(string name, out CodePointSet? set) => named.Value.TryGetValue(Fold(name), out set);

    /// <summary>A set by its name in [:...:], where "punct" has symbols too.</summary>
    public static bool TryGetPosix(string name, out CodePointSet? set)
    {
        var found = TryGet(name, out set);
        if (name == "punct")
            set = set! | named.Value["s"];
        return found;
    }

    private static Dictionary<string, CodePointSet> Name()
    {
        var sets = new Dictionary<string, CodePointSet>();
        for (var category = 0; category < categoryNames.Length; category++)
        {
            foreach (var name in categoryNames[category].Split('|'))
                sets[name] = categories.Value[category];
        }

        foreach (var line in UnicodeTable.Lines("Properties.txt"))
        {
            var (name, ranges) = (line[..line.IndexOf(':')], line[(line.IndexOf(':') + 2)..]);
            sets[Fold(name)] = CodePointSet.Of(ranges.Split(' ').Select(Range));
        }

        NameGroup("l", "letter");
        NameGroup("m", "mark", "combiningmark");
        NameGroup("n", "number");
        NameGroup("p", "punctuation");
        NameGroup("s", "symbol");
        NameGroup("z", "separator");
        NameGroup("c", "other");
        sets["lc"] = sets["casedletter"] = sets["lu"] | sets["ll"] | sets["lt"];
        sets["any"] = CodePointSet.All;
        sets["assigned"] = ~sets["cn"];
        sets["ascii"] = CodePointSet.Of((0, 0x7F));
        sets["space"] = sets["whitespace"] = Space;
        sets["blank"] = sets["zs"] | CodePointSet.Of('\t');
        sets["cntrl"] = sets["cc"];
        sets["digit"] = sets["nd"];
        sets["xdigit"] = sets["asciihexdigit"] = sets["ahex"] = HexDigit;
        sets["alpha"] = sets["alphabetic"];
        sets["alnum"] = sets["alpha"] | sets["nd"];
        sets["lower"] = sets["lowercase"];
        sets["upper"] = sets["uppercase"];
        sets["word"] = sets["alpha"] | sets["m"] | sets["nd"] | sets["pc"];
        sets["looseword"] = sets["word"] | CodePointSet.Of((0xB2, 0xB3), (0xB9, 0xB9), (0xBC, 0xBE));
        sets["punct"] = sets["p"];
        sets["graph"] = ~(Space | sets["cc"] | sets["cs"] | sets["cn"]);
        sets["print"] = (sets["graph"] | sets["zs"]) - sets["cc"];

        return sets;

        void NameGroup(string letter, params string[] names)
        {
            var group = categoryNames.Select(name => name[..2]).Where(name => name[0] == letter[0])
                .Aggregate(CodePointSet.Empty, (all, name) => all | sets[name]);
            foreach (var name in names.Append(letter))
                sets[name] = group;
        }
    }

    private static (int First, int Last) Range(string text)
    {
        var ends = text.Split('-');
        return (int.Parse(ends[0], NumberStyles.HexNumber, null), int.Parse(ends[^1], NumberStyles.HexNumber, null));
    }

    private static string Fold(string name) =>
        new([.. name.Where(c => c is not (' ' or '_' or '-')).Select(char.ToLowerInvariant)]);

    private static CodePointSet[] ScanCategories()
    {
        var ranges = new List<(int, int)>[categoryNames.Length];
        for (var i = 0; i < ranges.Length; i++)
            ranges[i] = [];
        var start = 0;
        for (var c = 1; c <= 0x110000; c++)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(start);
            if (c < 0x110000 && CharUnicodeInfo.GetUnicodeCategory(c) == category)
                continue;
            ranges[(int)category].Add((start, c - 1));
            start = c;
        }

        return [.. ranges.Select(list => CodePointSet.Of(list))];
    }
}
