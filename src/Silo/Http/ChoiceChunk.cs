namespace Splitwiser.Silo.Http;

/// <summary>A chunk of one of the answers that an HTTP request runs side by side.</summary>
/// <param name="Choice">Index of the answer: its prompt's place in the request.</param>
internal readonly record struct ChoiceChunk(int Choice, TokenChunk Chunk);
