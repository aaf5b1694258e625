using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// Reads completed steps: tokens go out, prompts become decode sequences, and what has its last token ends. Guarded by the device's lock.
/// </summary>
internal sealed class StepReader(Scheduler scheduler, DeviceOptions options, TimeProvider time, Counters counters)
{
    /// <summary>The mask of a sequence's next token was worked out, or that has failed. Not under the lock.</summary>
    public event Action<Generation, Exception?>? MaskPrepared;

    public void Read(Step step)
    {
        var now = time.GetTimestamp();
        var result = step.Result!;
        var row = 0;
        if (step.Prompts.Count > 0) scheduler.Prompts.Prefilled(step.EndsChunk ? step.PrefillTokens : 0, now);
        for (var i = 0; i < step.Prompts.Count; i++)
        {
            var segment = step.Plan.Prefill[i];
            var generation = step.Prompts[i];
            generation.InFlight--;
            if (step.EndsChunk)
            {
                generation.Computed = segment.Offset + segment.Count;
                counters.PrefilledTokens += segment.Count;
                if (options.PrefixCaching) scheduler.Departures.Publish(generation, generation.Request.Tokens.Length);
            }

            if (segment.Samples)
            {
                generation.Ahead--;
                Accept(generation, result, row++, now);
            }

            scheduler.Departures.Settle(generation);
        }

        for (var i = 0; i < step.Decodes.Count; i++)
        {
            var generation = step.Decodes[i];
            generation.InFlight--;
            generation.Ahead--;
            generation.Computed = step.Plan.Decode[i].Position + 1;
            Accept(generation, result, row++, now);
            scheduler.Departures.Settle(generation);
        }

        counters.Stepped(step);
    }

    /// <summary>A mask that took its time is there.</summary>
    public void Resume(Generation generation)
    {
        generation.Grammar!.Complete(generation.Tokens[generation.Request.OutputStart..]);
        EndIfStuck(generation);
    }

    private void Accept(Generation generation, StepResult result, int row, long now)
    {
        if (generation.Phase == SequencePhase.Ending)
        {
            counters.DiscardedTokens++;
            return;
        }

        var token = result.Sampled[row];
        generation.Append(token, result.TopLogprobs(row));
        counters.GeneratedTokens++;
        if (generation.Phase == SequencePhase.Prefilling) scheduler.HandOver(generation);
        if (!generation.IsHandedOff) generation.CompleteHandoff(time, now);
        else counters.TokenGap.Observe(time.GetElapsedTime(generation.LastToken, now).TotalSeconds);
        generation.LastToken = now;
        if (EndAfter(generation, token.TokenId) is { } end) scheduler.End(generation, new OutputOutcome(end, null));
        else if (generation.Grammar is { FollowsOutput: true } grammar) Constrain(generation, grammar, token.TokenId);
    }

    private void Constrain(Generation generation, OutputGrammar grammar, int token)
    {
        grammar.Accept(token, generation.Tokens[generation.Request.OutputStart..], error => MaskPrepared?.Invoke(generation, error));
        EndIfStuck(generation);
    }

    private void EndIfStuck(Generation generation)
    {
        if (generation.Grammar is { IsStuck: true } grammar)
            scheduler.End(generation, grammar.MayEnd ? new OutputOutcome(new SequenceEnd(EndReason.Stop), null) : new OutputOutcome(null, new GrammarStuckException()));
    }

    private static SequenceEnd? EndAfter(Generation generation, int token) =>
        generation.Request.Sampling.EndTokenIds.Contains(token) ? new SequenceEnd(EndReason.Stop, token)
        : generation.Sequence!.TokenCount == generation.Sequence.Capacity ? new SequenceEnd(EndReason.Length)
        : null;
}
