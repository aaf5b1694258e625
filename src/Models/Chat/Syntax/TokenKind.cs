namespace Splitwiser.Models.Chat.Syntax;

internal enum TokenKind
{
    Data,
    BlockBegin,
    BlockEnd,
    PrintBegin,
    PrintEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}
