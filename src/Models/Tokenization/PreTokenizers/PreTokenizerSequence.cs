namespace Splitwiser.Models.Tokenization.PreTokenizers;

/// <summary>Pre-tokenizers one after the other, each over all parts that the one before it left.</summary>
internal sealed class PreTokenizerSequence(IReadOnlyList<PreTokenizer> steps) : PreTokenizer
{
    public override void Split(Piece piece, List<Piece> parts)
    {
        List<Piece> current = [piece];
        foreach (var step in steps)
        {
            var next = new List<Piece>(current.Count);
            foreach (var part in current)
            {
                if (!part.Text.IsEmpty)
                    step.Split(part, next);
            }

            current = next;
        }

        parts.AddRange(current);
    }
}
