namespace Splitwiser.Models.Chat.Values;

/// <summary>Equality of keys and members as templates see it: 1, 1.0 and true are one key.</summary>
internal sealed class ValueEquality : IEqualityComparer<Value>
{
    public static ValueEquality Instance { get; } = new();

    public bool Equals(Value? x, Value? y) => x is null || y is null ? x == y : x.SameAs(y);

    public int GetHashCode(Value value) => IsHashable(value) ? value.Hash : throw new TemplateError($"unhashable type: '{value.TypeName}'");

    /// <summary>Whether a value can be a key: what changes in Python can't.</summary>
    public static bool IsHashable(Value value) => value switch
    {
        ListValue { Kind: ListKind.List } or DictValue or ViewValue => false,
        ListValue tuple => tuple.Values.All(IsHashable),
        _ => true,
    };
}
