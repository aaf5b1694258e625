namespace Splitwiser.Models.Grammar;

/// <summary>
/// The pieces that all JSON is made of. White space is bounded: nothing, one blank, or one line end and at most
/// <see cref="GrammarLimits.Indent"/> blanks or tabs, and only where JSON is usually written with some: behind an opening bracket or a comma, before a closing
/// bracket, and one blank behind a colon.
/// </summary>
internal static class JsonTerminals
{
    private static readonly string blank = $@"( |\n[ \t]{{0,{GrammarLimits.Indent}}})?";
    private static readonly string character = Character();

    public static ByteMatcher OpenObject { get; } = new ByteLiteral("{"u8);
    public static ByteMatcher CloseObject { get; } = new ByteLiteral("}"u8);
    public static ByteMatcher BlankCloseObject { get; } = Pattern(blank + @"\}");
    public static ByteMatcher OpenArray { get; } = new ByteLiteral("["u8);
    public static ByteMatcher CloseArray { get; } = new ByteLiteral("]"u8);
    public static ByteMatcher BlankCloseArray { get; } = Pattern(blank + @"\]");
    public static ByteMatcher Comma { get; } = new ByteLiteral(","u8);
    public static ByteMatcher Quote { get; } = new ByteLiteral("\""u8);
    public static ByteMatcher Blank { get; } = Pattern(blank);
    public static ByteMatcher True { get; } = new ByteLiteral("true"u8);
    public static ByteMatcher False { get; } = new ByteLiteral("false"u8);
    public static ByteMatcher Null { get; } = new ByteLiteral("null"u8);

    /// <summary>Any string, in any spelling: escapes as one likes, but no half of a surrogate pair.</summary>
    public static ByteDfa String { get; } = Pattern($"\"{character}*\"");

    /// <summary>One character of a string, in any spelling.</summary>
    public static ByteDfa StringCharacter { get; } = Pattern(character);

    /// <summary>Any name of a member and its colon, each character spelled in the one way of <see cref="Spelling.JsonString"/>.</summary>
    public static ByteDfa AnyKey { get; } = KeyOf(PatternPart.Anything.ToDfa(Spelling.JsonString, "\""));

    /// <summary>A member's name, its colon, and a blank if there is one.</summary>
    public static ByteMatcher Key(string name) => new ByteLiteral([.. SpellingExtensions.JsonString(name), (byte)':'], blankBehind: true);

    /// <summary>Any name but these, its colon, and a blank if there is one.</summary>
    public static ByteMatcher KeyBut(IEnumerable<string> names)
    {
        byte[][] taken = [.. names.Select(name => (byte[])[.. SpellingExtensions.JsonString(name), (byte)':'])];
        return taken.Length == 0 ? AnyKey : ByteDfa.Without(AnyKey, ByteTexts.ToDfa(taken, blankBehind: true));
    }

    private static ByteDfa KeyOf(ByteDfa name) => ByteTexts.Followed(name, ": ?");

    private static ByteDfa Pattern(string pattern) => PatternReader.ReadWhole(pattern).ToDfa(Spelling.Utf8);

    private static string Character()
    {
        const string Plain = "[^\"\\\\\\x00-\\x1f]", Short = "\\\\[\"\\\\/bfnrt]";
        const string Hex = "[0-9a-fA-F]", Unit = @"\\u(?:[0-9a-cefA-CEF]" + Hex + Hex + Hex + "|[dD][0-7]" + Hex + Hex + ")";
        const string Pair = @"\\u[dD][89abAB]" + Hex + Hex + @"\\u[dD][c-fC-F]" + Hex + Hex;
        return $"(?:{Plain}|{Short}|{Unit}|{Pair})";
    }
}
