using System.Collections.Immutable;
using System.Security.Cryptography;
using Splitwiser.Chat;

namespace Splitwiser.Silo.Http;

/// <summary>One choice of a chat while its text comes: what is said, thought and called, as far as it is shown.</summary>
internal sealed class ChatAnswer(ChatPlan plan)
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private readonly AnswerReader reader = new(plan.Format);

    /// <summary>Calls shown so far.</summary>
    public int CallCount => plan.ParallelCalls ? reader.CallCount : Math.Min(1, reader.CallCount);

    public ImmutableArray<AnswerPart> Read(TokenChunk chunk)
    {
        var parts = reader.Read(chunk.Text);
        if (chunk.End is not null)
            parts = parts.AddRange(reader.End());
        return parts.RemoveAll(part => (part.Call > 0 && !plan.ParallelCalls) || (part.Kind == AnswerPartKind.Thought && !plan.ShowsThoughts));
    }

    /// <summary>"tool_calls" for an answer that calls by its own choice of function and was not cut off.</summary>
    public string? FinishReason(GenerationEnd? end) =>
        end?.Reason == Splitwiser.FinishReason.Stop && CallCount > 0 && !plan.CallsByName ? "tool_calls" : Endings.FinishReason(end);

    /// <summary>A new call's id. Mistral's templates take nine letters and digits only.</summary>
    public string NewCallId() => plan.Format.ToolCalls == ToolCallFormat.Mistral
        ? RandomNumberGenerator.GetString(Letters, 9)
        : $"call_{RandomNumberGenerator.GetString(Letters, 24)}";
}
