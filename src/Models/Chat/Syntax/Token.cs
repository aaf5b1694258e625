namespace Splitwiser.Models.Chat.Syntax;

/// <summary>A piece of template source; the text of a string is without quotes and escapes.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Line)
{
    public bool Is(string name) => Kind == TokenKind.Name && Text == name;

    public bool IsOperator(string sign) => Kind == TokenKind.Operator && Text == sign;

    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.BlockEnd => "'%}'",
        TokenKind.PrintEnd => "'}}'",
        TokenKind.String => $"the string '{Text}'",
        _ => $"'{Text}'",
    };
}
