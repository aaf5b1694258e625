using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>Counts the tokens of all choices as their chunks come; exact once every choice has ended.</summary>
internal sealed class UsageCount(int choices)
{
    private readonly TokenUsage[] counts = new TokenUsage[choices]; // (choices)

    public void Add(ChoiceChunk piece)
    {
        var (choice, chunk) = piece;
        if (chunk.Start is { } start)
            counts[choice] = new(start.PromptIds.Length, start.CachedTokens, 0);
        counts[choice] = chunk.End?.Usage ?? counts[choice] with { Completion = chunk.FirstIndex + chunk.Ids.Length };
    }

    public Usage Sum() => Usage.Of(counts.Aggregate((a, b) => new(a.Prompt + b.Prompt, a.Cached + b.Cached, a.Completion + b.Completion)));
}
