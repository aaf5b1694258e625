namespace Splitwiser.Models.Tokenization.Patterns;

/// <summary>Reads a bracketed class: ranges, escapes, [:names:], classes within and their intersection by &amp;&amp;.</summary>
internal static class ClassReader
{
    private const int DeepestNesting = 50;

    /// <summary>Reads what follows the opening bracket, the closing one included.</summary>
    public static CodePointSet Read(PatternCursor cursor, bool ignoreCase, int depth = 0)
    {
        if (depth > DeepestNesting)
            throw cursor.Broken("classes nested too deep");
        var negated = cursor.Eat("^");
        var set = CodePointSet.Empty;
        CodePointSet? left = null; // of the last &&
        for (var first = true; ; first = false)
        {
            if (cursor.AtEnd)
                throw cursor.Broken("a class without its closing bracket");
            if (!(first && cursor.Ahead("]", from: 1)) && cursor.Eat("]")) // a bracket that comes first is a member
                break;
            if (cursor.Eat("&&"))
            {
                left = left is null ? set : left & set;
                set = CodePointSet.Empty;
            }
            else if (cursor.Eat("[:"))
            {
                set |= Posix(cursor);
            }
            else if (cursor.Eat("["))
            {
                set |= Read(cursor, ignoreCase, depth + 1);
            }
            else
            {
                set |= Member(cursor);
            }
        }

        set = left is null ? set : left & set;
        if (ignoreCase)
            set = CaseFolding.Close(set);
        return negated ? ~set : set;
    }

    private static CodePointSet Member(PatternCursor cursor)
    {
        if (One(cursor, out var first) is { } set)
            return set;
        if (!cursor.Sees("-") || cursor.Sees("-]") || cursor.Sees("-["))
            return CodePointSet.Of(first);
        var range = cursor.Try<CodePointSet>(() =>
        {
            cursor.Eat("-");
            return One(cursor, out var last) is null && first <= last ? CodePointSet.Of((first, last)) : null;
        });
        return range ?? throw cursor.Broken("a range whose ends are out of order");
    }

    // A set, or else the one character.
    private static CodePointSet? One(PatternCursor cursor, out int character)
    {
        character = 0;
        if (!cursor.Eat("\\"))
        {
            character = cursor.Next();
            return null;
        }

        if (cursor.EscapedSet(inBrackets: true) is { } set)
            return set;
        if (cursor.Eat("b"))
            character = '\b';
        else
            character = cursor.EscapedCharacter();
        return null;
    }

    private static CodePointSet Posix(PatternCursor cursor)
    {
        var negated = cursor.Eat("^");
        var name = cursor.Until(':');
        if (!cursor.Eat("]") || !CharacterSets.TryGetPosix(name, out var set))
            throw cursor.Broken($"the unknown class [:{name}:]");
        return negated ? ~set! : set!;
    }
}
