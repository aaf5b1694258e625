namespace Splitwiser.Models.Tokenization;

/// <summary>A stretch of text that is an added token, or text between them.</summary>
internal readonly record struct Segment(ReadOnlyMemory<char> Text, AddedToken? Token);
