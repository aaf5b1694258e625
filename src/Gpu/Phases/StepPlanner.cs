namespace Splitwiser.Gpu.Phases;

/// <summary>
/// Fills the lanes' steps, as the mode wants it. When the phases take turns or share a batch, every step runs on the decode lane,
/// in order; side by side, each phase has its own. Guarded by the device's lock.
/// </summary>
/// <param name="tokenBudget">Most positions of a step.</param>
internal sealed class StepPlanner(Scheduler scheduler, DeviceOptions options, int tokenBudget, LaneQueue prefillLane, LaneQueue decodeLane)
{
    private bool prefillsTurn;

    /// <summary>The phases run side by side, on a thread each.</summary>
    public bool IsSideBySide => options.Mode is PhaseMode.Streams or PhaseMode.Partition;

    /// <summary>The prefill lane's next step; null when there is nothing to launch.</summary>
    public Step? NextPrefill()
    {
        if (!IsSideBySide || prefillLane.IsFull) return null;
        var step = prefillLane.Next();
        AddPrompts(step, tokenBudget);
        return Commit(prefillLane, step);
    }

    /// <summary>The decode lane's next step; null when there is nothing to launch.</summary>
    public Step? NextDecode()
    {
        if (decodeLane.IsFull) return null;
        var step = decodeLane.Next();
        if (IsSideBySide) AddDecodes(step);
        else if (options.Mode == PhaseMode.Chunked) AddMixed(step);
        else AddTurn(step);
        return Commit(decodeLane, step);
    }

    private static Step? Commit(LaneQueue lane, Step step)
    {
        if (step.Plan.IsEmpty) return null;
        lane.Commit();
        return step;
    }

    private void AddMixed(Step step)
    {
        AddDecodes(step);
        AddPrompts(step, tokenBudget - step.Plan.TokenCount);
    }

    private void AddTurn(Step step)
    {
        var slice = scheduler.Decoding.Count > 0 ? Math.Min(options.PrefillSlice, tokenBudget) : tokenBudget;
        if (prefillsTurn) AddPrompts(step, slice);
        if (step.Plan.IsEmpty) AddDecodes(step);
        if (step.Plan.IsEmpty) AddPrompts(step, slice);
        prefillsTurn = step.Kind == StepKind.Decode;
    }

    /// <summary>One row for every decoding sequence whose next input token is known, or sampled by this lane's last step.</summary>
    private void AddDecodes(Step step)
    {
        for (var i = 0; i < scheduler.Decoding.Count;)
        {
            var generation = scheduler.Decoding[i];
            if (CanAdvance(generation, step) && scheduler.TryGrow(generation))
            {
                var position = generation.Sequence!.TokenCount - 1 + generation.Ahead;
                step.Add(generation, new DecodeRow(generation.Sequence, position, generation.Ahead == 0 ? DecodeInput.Known : DecodeInput.PreviousStep));
            }

            // Growing may have preempted it, and the next one stands in its place.
            if (i < scheduler.Decoding.Count && scheduler.Decoding[i] == generation) i++;
        }
    }

    private static bool CanAdvance(Generation generation, Step step)
    {
        var sequence = generation.Sequence!;
        var sampled = sequence.TokenCount + generation.Ahead;     // tokens once all steps in flight are read
        return sampled < sequence.Capacity && (generation.Ahead == 0 || generation.LastStep == step.Number - 1);
    }

    /// <summary>Chunks of the prompts that go first, within the budget; takes new ones in as it comes to them.</summary>
    private void AddPrompts(Step step, int budget)
    {
        var admitting = true;
        for (var i = 0; budget > 0;)
        {
            if (admitting && scheduler.Waiting.Count > 0
                && (i == scheduler.Prefilling.Count || scheduler.Waiting[0].Rank.CompareTo(scheduler.Prefilling[i].Rank) < 0))
            {
                admitting = scheduler.TryAdmitFirst();      // it now stands at i
                continue;
            }

            if (i == scheduler.Prefilling.Count) return;
            var generation = scheduler.Prefilling[i++];
            var remaining = generation.Tokens.Length - generation.Launched;
            if (remaining == 0 || (generation.InFlight > 0 && generation.InFlightLane != step.Lane)) continue;
            var count = PrefillPolicy.Chunk(remaining, budget);
            step.Add(generation, new PrefillSegment(generation.Sequence!, generation.Launched, count, Samples: count == remaining));
            budget -= count;
        }
    }
}
