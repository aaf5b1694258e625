namespace Splitwiser.Models.Tokenization.Patterns;

/// <summary>A regular expression that is malformed or uses what is not served.</summary>
internal sealed class PatternException(string found) : Exception(found);
