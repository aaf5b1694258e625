using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// Fills the lanes' steps, as the mode wants it. When the phases take turns or share a batch, every step runs on the decode lane,
/// in order; side by side, each phase has its own. Guarded by the device's lock.
/// </summary>
/// <param name="tokenBudget">Most positions of a step.</param>
internal sealed class StepPlanner(Scheduler scheduler, DeviceOptions options, RunnerInfo runner, int tokenBudget, ILogger logger)
{
    private readonly StepCosts costs = new();
    private PhaseChoice choice = new(MechanismsOf(options.Mode, runner)[0], tokenBudget);     // the adaptive mode's last
    private bool prefillsTurn;

    public LaneQueue PrefillLane { get; } = new(Lane.Prefill, DepthOf(runner));

    public LaneQueue DecodeLane { get; } = new(Lane.Decode, DepthOf(runner));

    /// <summary>How the phases may share the device in this mode; adaptive chooses among all that the runner has.</summary>
    public ImmutableArray<PhaseSharing> Mechanisms { get; } = MechanismsOf(options.Mode, runner);

    public bool MayRunSideBySide => Mechanisms.Contains(PhaseSharing.SideBySide);

    /// <summary>Whether the prefill lane could have work.</summary>
    public bool PrefillMayRun => scheduler.HasPrefillWork && MayRunSideBySide && Choose().Sharing == PhaseSharing.SideBySide;

    /// <summary>Whether the decode lane could have work.</summary>
    public bool DecodeMayRun => scheduler.Decoding.Count > 0 || (scheduler.HasPrefillWork && Choose().Sharing != PhaseSharing.SideBySide);

    /// <summary>The prefill lane's next step; null when there is nothing to launch.</summary>
    public Step? NextPrefill()
    {
        if (PrefillLane.IsFull || !PrefillMayRun) return null;
        var step = PrefillLane.Next();
        AddPrompts(step, tokenBudget);
        return Commit(step, PrefillLane, DecodeLane);
    }

    /// <summary>The decode lane's next step; null when there is nothing to launch.</summary>
    public Step? NextDecode()
    {
        if (DecodeLane.IsFull) return null;
        var step = DecodeLane.Next();
        var (sharing, prefillTokens, _) = Choose();
        if (sharing == PhaseSharing.SideBySide || PrefillLane.InFlight > 0) AddDecodes(step);
        else if (sharing == PhaseSharing.Mixed) AddMixed(step, prefillTokens);
        else AddTurn(step, prefillTokens);
        return Commit(step, DecodeLane, PrefillLane);
    }

    /// <summary>Learns what a completed step has cost.</summary>
    public void Observe(Step step)
    {
        var endedAccompanied = (step.Lane == Lane.Prefill ? DecodeLane : PrefillLane).InFlight > 0;
        costs.Observe(
            step.Kind, step.PrefillTokens, step.Plan.Decode.Count, step.Result!.Duration.TotalSeconds,
            accompanied: step.StartedAccompanied == endedAccompanied ? endedAccompanied : null);
    }

    /// <summary>Steps in flight: no more than the positions reserved beyond a sequence's end allow.</summary>
    private static int DepthOf(RunnerInfo runner) => Math.Min(runner.QueueDepth, Sequence.Lookahead + 1);

    private static ImmutableArray<PhaseSharing> MechanismsOf(PhaseMode mode, RunnerInfo runner)
    {
        if (mode != PhaseMode.Adaptive)
            return runner.Modes.Contains(mode) ? [SharingOf(mode)] : throw new PhaseModeException(mode, runner);
        ImmutableArray<PhaseSharing> mechanisms = [.. runner.Modes.Where(has => has != PhaseMode.Adaptive).Select(SharingOf).Distinct().Order()];
        return mechanisms.Length > 0 ? mechanisms : throw new PhaseModeException(mode, runner);
    }

    private static PhaseSharing SharingOf(PhaseMode mode) => mode switch
    {
        PhaseMode.Serial => PhaseSharing.Turns,
        PhaseMode.Chunked => PhaseSharing.Mixed,
        _ => PhaseSharing.SideBySide,
    };

    private PhaseChoice Choose()
    {
        if (options.Mode != PhaseMode.Adaptive)
            return new PhaseChoice(Mechanisms[0], options.Mode == PhaseMode.Serial ? Math.Min(options.PrefillSlice, tokenBudget) : tokenBudget);
        if (scheduler.Decoding.Count == 0 || !scheduler.HasPrefillWork)     // the whole device for the one phase, on the lane that the other will join
            return choice with { PrefillTokens = tokenBudget };

        var next = PhasePolicy.Choose(Mechanisms, choice, costs.For(scheduler.Decoding.Count), options.ItlTarget.TotalSeconds, tokenBudget, scheduler.QueuedTokens);
        if (next.Sharing != choice.Sharing) Log.SharingChanged(logger, runner.DeviceName, next.Sharing, next.PrefillTokens);
        return choice = next;
    }

    private static Step? Commit(Step step, LaneQueue lane, LaneQueue other)
    {
        if (step.Plan.IsEmpty) return null;
        step.StartedAccompanied = other.InFlight > 0;
        lane.Commit();
        return step;
    }

    private void AddMixed(Step step, int prefillTokens)
    {
        AddDecodes(step);
        AddPrompts(step, Math.Min(prefillTokens, tokenBudget - step.Plan.TokenCount));
    }

    private void AddTurn(Step step, int prefillTokens)
    {
        var slice = scheduler.Decoding.Count > 0 ? prefillTokens : tokenBudget;
        if (prefillsTurn) AddPrompts(step, slice);
        if (step.Plan.IsEmpty) AddDecodes(step);
        if (step.Plan.IsEmpty && !scheduler.HasDecodesInFlight) AddPrompts(step, slice);
        if (!step.Plan.IsEmpty) prefillsTurn = step.Kind == StepKind.Decode;
    }

    /// <summary>One row for every decoding sequence whose next input token is known, or sampled by this lane's last step.</summary>
    private void AddDecodes(Step step)
    {
        for (var i = 0; i < scheduler.Decoding.Count;)
        {
            var generation = scheduler.Decoding[i];
            if (CanAdvance(generation, step) && !scheduler.Outgrows(generation) && scheduler.TryGrow(generation))
            {
                scheduler.StartDecoding(generation);
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
        return sampled < sequence.Capacity && generation.MaySample && (generation.Ahead == 0 || generation.LastStep == step.Number - 1);
    }

    /// <summary>Chunks of the prompts that go first, within the budget; takes new ones in as it comes to them.</summary>
    private void AddPrompts(Step step, int budget)
    {
        var admitting = true;
        for (var i = 0; budget > 0;)
        {
            if (admitting && scheduler.Next() is { } next && (i == scheduler.Prefilling.Count || next.Rank.CompareTo(scheduler.Prefilling[i].Rank) < 0))
            {
                admitting = scheduler.TryAdmit(next);      // it now stands at i
                continue;
            }

            if (i == scheduler.Prefilling.Count) return;
            var generation = scheduler.Prefilling[i++];
            var remaining = generation.Tokens.Length - generation.Launched;
            if (remaining == 0 || (generation.InFlight > 0 && generation.InFlightLane != step.Lane)) continue;
            var count = PrefillPolicy.Chunk(remaining, budget);
            if (count == remaining && !generation.MaySample) continue;      // preempted, and its last token was just read
            step.Add(generation, new PrefillSegment(generation.Sequence!, generation.Launched, count, Samples: count == remaining));
            budget -= count;
        }
    }
}
