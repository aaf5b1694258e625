namespace Splitwiser.Models.Grammar;

/// <summary>What bounds the work and the memory of a grammar, however hostile its schema.</summary>
internal static class GrammarLimits
{
    /// <summary>Deepest nesting of objects and arrays in the output: what System.Text.Json reads by default.</summary>
    public const int Depth = 64;

    /// <summary>Characters of a schema or pattern.</summary>
    public const int SourceLength = 1 << 20;

    public const int Nodes = 20_000;

    /// <summary>States of one terminal before and after it is made deterministic.</summary>
    public const int NfaStates = 100_000, DfaStates = 20_000;

    /// <summary>States that making one terminal deterministic may go through.</summary>
    public const long NfaWork = 4_000_000;

    /// <summary>Bytes of the transition tables of all terminals together.</summary>
    public const long TerminalBytes = 64L << 20;

    /// <summary>Nodes that one byte may open one within the other.</summary>
    public const int Unguarded = 256;

    /// <summary>Ways of reading the output that are followed side by side. What is beyond is not offered to the model; the rest stays exact.</summary>
    public const int Threads = 4096;

    /// <summary>Rules that one byte may begin or go on with; the same holds of what is beyond.</summary>
    public const int Steps = 1 << 14;

    /// <summary>Readings that one mask may follow through the vocabulary; past it, only tokens of one byte are looked at.</summary>
    public const long WalkedReadings = 1L << 24;

    /// <summary>Bytes of states and masks that one grammar keeps; then it starts anew.</summary>
    public const long CacheBytes = 32L << 20;

    /// <summary>Grammars that are kept at a time.</summary>
    public const int Kept = 16;

    /// <summary>Digits of a number before the point and behind it, where the schema has no bounds of its own: it stays an exact Int64, or a finite double.</summary>
    public const int IntegerDigits = 18, FractionDigits = 17;

    /// <summary>Most blanks or tabs that indent a line.</summary>
    public const int Indent = 32;
}
