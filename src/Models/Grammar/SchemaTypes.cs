namespace Splitwiser.Models.Grammar;

/// <summary>The kinds of JSON values. A number that is an integer is of both kinds: Fraction stands for all others.</summary>
[Flags]
internal enum SchemaTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    String = 4,
    Integer = 8,
    Fraction = 16,
    Number = Integer | Fraction,
    Array = 32,
    Object = 64,
    All = 127,
}
