using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Splitwiser.Models.Tokenization;

namespace Splitwiser.Grains;

/// <summary>The answer so far, over all devices that worked on it: ids, text, usage and times.</summary>
internal sealed class Answer
{
    private readonly RequestPlan plan;
    private readonly TextStream text;
    private readonly TimeProvider time;
    private readonly long arrived;
    private readonly List<int> ids = []; // output, delivered ids included
    private GenerationStart? start;
    private RequestTimings timings;
    private int cached;
    private (FinishReason Reason, int? EndTokenId)? end;

    /// <param name="arrived">The request's arrival, as a timestamp of <paramref name="time"/>.</param>
    /// <exception cref="RequestRefusedException">The delivered ids go on behind the answer's end.</exception>
    public Answer(RequestPlan plan, Tokenizer? tokenizer, TimeProvider time, long arrived)
    {
        (this.plan, this.time, this.arrived) = (plan, time, arrived);
        text = new(tokenizer, plan);
        start = new(plan.PromptIds, plan.Seed, "", 0);
        foreach (var id in plan.Delivered)
        {
            Admission.Require(!Ended, "delivered", "The delivered ids go on behind the answer's end.");
            Append(id);
        }
    }

    public int Count => ids.Count;

    public ReadOnlySpan<int> Ids => CollectionsMarshal.AsSpan(ids);

    public bool Ended => end is not null;

    /// <summary>A device has taken the request on.</summary>
    public void StartsOn(string device, KvHandoff handoff)
    {
        timings = timings with { Queue = timings.Queue + handoff.Queue, Prefill = timings.Prefill + handoff.Prefill, Attempts = timings.Attempts + 1 };
        if (timings.Attempts > 1) return;
        cached = Math.Min(handoff.CachedLength, plan.PromptIds.Length);
        start = start! with { Device = device, CachedTokens = cached, PromptLogprobs = handoff.Findings?.Logprobs ?? [] };
    }

    /// <summary>Takes a device's output, up to the answer's end if that is in it: the device may say so later, or be lost before it does.</summary>
    public TokenChunk Take(DecodedTokens tokens)
    {
        var first = Count;
        var piece = new StringBuilder();
        for (var i = 0; i < tokens.Ids.Length && !Ended; i++) piece.Append(Append(tokens.Ids[i]));
        if (!Ended && tokens.End is { } over) end = (over.Reason, over.EndTokenId);
        if (Ended) piece.Append(text.End());
        return Chunk(first, piece.ToString(), tokens.Logprobs);
    }

    /// <summary>All that is left to say when the delivered ids had ended the answer.</summary>
    public TokenChunk Rest() => Chunk(Count, text.End(), []);

    /// <summary>The text that is certain with this token; an end token's own is none unless asked for.</summary>
    private string Append(int id)
    {
        ids.Add(id);
        var ends = (Count > plan.MinTokens || plan.Constraint is not null) && plan.EndTokenIds.Contains(id);
        var piece = ends && !plan.IncludeStopString ? "" : text.Append(id);
        if (text.StopString is not null) end = (FinishReason.Stop, null);
        else if (ends) end = (FinishReason.Stop, id);
        else if (Count == plan.MaxTokens) end = (FinishReason.Length, null);
        return piece;
    }

    private TokenChunk Chunk(int first, string piece, ImmutableArray<PositionLogprobs> logprobs)
    {
        var now = time.GetElapsedTime(arrived);
        timings = timings with { FirstToken = start is null ? timings.FirstToken : now, Total = now };
        var chunk = new TokenChunk
        {
            FirstIndex = first,
            Ids = [.. Ids[first..]],
            Text = piece,
            Logprobs = logprobs.Length > Count - first ? logprobs[..(Count - first)] : logprobs,
            Start = start,
            End = end is { } over ? new(over.Reason, new(plan.PromptIds.Length, cached, Count), text.StopString, over.EndTokenId, timings) : null,
        };
        start = null;
        return chunk;
    }
}
