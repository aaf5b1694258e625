using System.Text;
using Splitwiser.Models.Tokenization.Patterns;

namespace Splitwiser.Models.Tokenization.Normalizers;

/// <summary>Puts one text in the place of every match of a pattern.</summary>
internal sealed class Replacement(JsonPart part) : Normalizer
{
    private readonly TextPattern pattern = TextPattern.Read(part["pattern"]);
    private readonly string content = part["content"].Text();

    public override string Apply(string text)
    {
        if (pattern.Literal is { } literal)
            return text.Replace(literal, content, StringComparison.Ordinal);
        var result = new StringBuilder(text.Length);
        foreach (var stretch in pattern.Cut(text))
            result.Append(stretch.Matches ? content : text.AsSpan(stretch.Start, stretch.End - stretch.Start));
        return result.ToString();
    }
}
