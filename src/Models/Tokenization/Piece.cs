namespace Splitwiser.Models.Tokenization;

/// <summary>A stretch of normalized text on its way to the model.</summary>
/// <param name="First">Whether it begins where the whole input begins.</param>
internal readonly record struct Piece(ReadOnlyMemory<char> Text, bool First);
