namespace Splitwiser.Models.Tokenization;

/// <summary>A token that is cut out of the text before the model sees it.</summary>
/// <param name="Pattern">The text that it matches: its content, or that content normalized.</param>
/// <param name="SingleWord">It matches only where no word character touches it.</param>
/// <param name="StripLeft">It takes the white space before it along.</param>
/// <param name="StripRight">It takes the white space behind it along.</param>
/// <param name="Normalized">It is looked for in normalized text rather than in the text as it stands.</param>
/// <param name="Special">Left out of decoded text on demand.</param>
internal sealed record AddedToken(
    int Id, string Content, string Pattern, bool SingleWord, bool StripLeft, bool StripRight, bool Normalized, bool Special);
