using System.Runtime.CompilerServices;

namespace Splitwiser.Models.Chat.Syntax;

/// <summary>The tokens that are still to be read.</summary>
internal sealed class TokenStream(IReadOnlyList<Token> tokens)
{
    private int at;

    public Token Current => tokens[at];

    public Token Following => tokens[Math.Min(at + 1, tokens.Count - 1)];

    public int Line => Current.Line;

    public Token Next()
    {
        var token = Current;
        if (token.Kind != TokenKind.End)
            at++;
        return token;
    }

    public bool Eat(TokenKind kind)
    {
        if (Current.Kind != kind)
            return false;
        Next();
        return true;
    }

    public bool EatName(string name)
    {
        if (!Current.Is(name))
            return false;
        Next();
        return true;
    }

    public bool EatOperator(string sign)
    {
        if (!Current.IsOperator(sign))
            return false;
        Next();
        return true;
    }

    public void Expect(TokenKind kind, string what)
    {
        if (!Eat(kind))
            throw Unexpected(what);
    }

    public void ExpectOperator(string sign)
    {
        if (!EatOperator(sign))
            throw Unexpected($"'{sign}'");
    }

    public void ExpectName(string name)
    {
        if (!EatName(name))
            throw Unexpected($"'{name}'");
    }

    /// <summary>Any name.</summary>
    public string Name() => Current.Kind == TokenKind.Name ? Next().Text : throw Unexpected("a name");

    public SyntaxError Unexpected(string expected) => new(Line, $"expected {expected}, found {Current}");

    /// <summary>Called where source nests: source that nests too deep is refused, not run into the ground.</summary>
    public void Descend()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new SyntaxError(Line, "source that nests too deep");
    }
}
