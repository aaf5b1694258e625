using System.Globalization;
using Splitwiser.Models.Chat.Library;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Syntax;

/// <summary>Numbers as Python writes them: 1_000, 0x1F, 0o17, 0b11, 1.5e-7.</summary>
internal static class NumberLiteral
{
    public static Value Read(Token token)
    {
        var text = token.Text.Replace("_", "", StringComparison.Ordinal);
        if (token.Kind == TokenKind.Float)
            return new FloatValue(double.Parse(text, CultureInfo.InvariantCulture));
        return NumberText.Whole(text, 0) is { } number
            ? new IntValue(number)
            : throw new SyntaxError(token.Line, $"the number {token.Text}, which is not served");
    }
}
