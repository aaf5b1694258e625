namespace Splitwiser.Models.Tokenization.Patterns;

/// <summary>A stretch of text from <paramref name="Start"/> up to <paramref name="End"/> that a pattern matches, or that lies between matches.</summary>
internal readonly record struct Stretch(int Start, int End, bool Matches);
