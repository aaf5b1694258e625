namespace Splitwiser.Models.Chat.Values;

/// <summary>Equality of keys and members as templates see it: 1, 1.0 and true are one key.</summary>
internal sealed class ValueEquality : IEqualityComparer<Value>
{
    public static ValueEquality Instance { get; } = new();

    public bool Equals(Value? x, Value? y) => x is null || y is null ? x == y : x.SameAs(y);

    public int GetHashCode(Value value) => value is DictValue or ListValue { Kind: ListKind.List }
        ? throw new TemplateError($"unhashable type: '{value.TypeName}'")
        : value.Hash;
}
