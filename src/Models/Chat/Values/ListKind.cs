namespace Splitwiser.Models.Chat.Values;

internal enum ListKind
{
    List,
    Tuple,

    /// <summary>Always true, without a length: what map, select and the like give.</summary>
    Generator,
}
