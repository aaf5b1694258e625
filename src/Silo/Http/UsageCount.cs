using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>Counts the tokens of all choices as their chunks come; exact once every choice has ended.</summary>
/// <param name="each">Answers to each prompt, whose tokens are counted once.</param>
internal sealed class UsageCount(int choices, int each)
{
    private readonly TokenUsage[] counts = new TokenUsage[choices]; // (choices)

    public void Add(ChoiceChunk piece)
    {
        var (choice, chunk) = piece;
        if (chunk.Start is { } start)
            counts[choice] = new(start.PromptIds.Length, start.CachedTokens, 0);
        counts[choice] = chunk.End?.Usage ?? counts[choice] with { Completion = chunk.FirstIndex + chunk.Ids.Length };
    }

    public Usage Sum()
    {
        var sum = default(TokenUsage);
        for (var choice = 0; choice < counts.Length; choice++)
        {
            var (prompt, cached, completion) = counts[choice];
            sum = choice % each == 0
                ? new(sum.Prompt + prompt, sum.Cached + cached, sum.Completion + completion)
                : sum with { Completion = sum.Completion + completion };
        }

        return Usage.Of(sum);
    }
}
