namespace Splitwiser.Client;

/// <summary>A piece of a streamed answer, however it came.</summary>
/// <param name="Tokens">Tokens that came with it.</param>
/// <param name="End">On the last piece.</param>
internal readonly record struct TextPiece(string Text, int Tokens, AnswerEnd? End = null);

internal sealed record AnswerEnd(string FinishReason, TokenUsage Usage);
