using Splitwiser.Models.Tokenization;

namespace Splitwiser.Grains;

/// <summary>Turns output ids into text, token by token: characters whole, nothing of a stop string unless asked for. What it gives
/// depends on the ids alone, so feeding the ids of a broken stream again rebuilds its state.</summary>
/// <param name="tokenizer">Null for a model without one: then there is no text.</param>
internal sealed class TextStream(Tokenizer? tokenizer, RequestPlan plan)
{
    private readonly StreamingDecoder? decoder = tokenizer is null ? null : new(tokenizer, plan.SkipSpecialTokens);
    private readonly StopScanner scanner = new(plan.StopStrings, plan.IncludeStopString);
    private int count;

    /// <summary>The stop string that was met, by the last token appended.</summary>
    public string? StopString => scanner.Met;

    /// <summary>The text that is certain with this token. A stop string counts when it ends behind the first min_tokens tokens.</summary>
    public string Append(int id) => scanner.Scan(decoder?.Append(id) ?? "", armed: ++count > plan.MinTokens);

    /// <summary>The rest of the text, when no token follows: what was held back, and bytes of an unfinished character as U+FFFD.</summary>
    public string End() => scanner.Scan(decoder?.Flush() ?? "", armed: false) + scanner.Rest();
}
