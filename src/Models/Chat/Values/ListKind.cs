namespace Splitwiser.Models.Chat.Values;

internal enum ListKind
{
    List,
    Tuple,
}
