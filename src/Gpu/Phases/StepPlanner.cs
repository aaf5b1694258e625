using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// Fills the lanes' steps, as the mode wants it. When the phases take turns or share a batch, every step runs on the decode lane,
/// in order; side by side, each phase has its own. Guarded by the device's lock.
/// </summary>
internal sealed class StepPlanner
{
    private readonly Scheduler scheduler;
    private readonly DeviceOptions options;
    private readonly RunnerInfo runner;
    private readonly int tokenBudget;
    private readonly ILogger logger;
    private readonly LayerSlices slices;
    private readonly int layerCount;
    private readonly PromptWork work;
    private readonly PhaseTargets targets;
    private PhaseChoice choice;         // the adaptive mode's last
    private bool isDecided;             // for what is known so far
    private bool prefillsTurn;

    /// <param name="tokenBudget">Most positions of a step.</param>
    /// <exception cref="PhaseModeException">The runner has no mechanism for the mode.</exception>
    public StepPlanner(Scheduler scheduler, DeviceOptions options, RunnerInfo runner, ModelConfig model, int tokenBudget, ILogger logger)
    {
        (this.scheduler, this.options, this.runner, this.tokenBudget, this.logger) = (scheduler, options, runner, tokenBudget, logger);
        (layerCount, work) = (model.LayerCount, new PromptWork(model));
        Mechanisms = MechanismsOf(options, runner);
        Costs = new StepCosts(Mechanisms);
        choice = new PhaseChoice(Mechanisms[0], options.Mode == PhaseMode.Serial ? Math.Min(options.PrefillSlice, tokenBudget) : tokenBudget);
        slices = new LayerSlices(scheduler, layerCount);
        targets = new PhaseTargets(options.ItlTarget.TotalSeconds, options.BacklogWait.TotalSeconds);
        PrefillLane = new LaneQueue(Lane.Prefill, DepthOf(runner));
        DecodeLane = new LaneQueue(Lane.Decode, DepthOf(runner));
    }

    /// <summary>What the adaptive mode has learned.</summary>
    public StepCosts Costs { get; }

    public LaneQueue PrefillLane { get; }

    public LaneQueue DecodeLane { get; }

    /// <summary>How the phases may share the device in this mode; adaptive chooses among all that the runner has.</summary>
    public ImmutableArray<Mechanism> Mechanisms { get; }

    public bool MayRunSideBySide => Mechanisms.Any(mechanism => mechanism.IsSideBySide);

    /// <summary>Whether the prefill lane could have work.</summary>
    public bool PrefillMayRun => slices.IsUnderWay || (scheduler.HasPrefillWork && MayRunSideBySide && Choose().Mechanism.IsSideBySide);

    /// <summary>Whether the decode lane could have work.</summary>
    public bool DecodeMayRun => scheduler.Decoding.Count > 0 || (scheduler.HasPrefillWork && !Choose().Mechanism.IsSideBySide);

    /// <summary>The prefill lane's next step; null when there is nothing to launch.</summary>
    public Step? NextPrefill()
    {
        if (PrefillLane.IsFull || !PrefillMayRun) return null;
        var step = PrefillLane.Next();
        if (slices.IsUnderWay) slices.Continue(step);
        if (step.Plan.IsEmpty && Choose().Mechanism.IsSideBySide)
        {
            AddPrompts(step, tokenBudget);
            if (!step.Plan.IsEmpty) slices.Begin(step, Costs.PrefillToken(step.PrefillTokens) * work.Of(step.Plan.Prefill) / step.PrefillTokens);
        }

        step.Plan.Split = Split;
        return Commit(step, PrefillLane, DecodeLane);
    }

    /// <summary>The decode lane's next step; null when there is nothing to launch.</summary>
    public Step? NextDecode()
    {
        if (DecodeLane.IsFull) return null;
        var step = DecodeLane.Next();
        var now = Choose();
        step.Plan.Split = Split;
        if (now.Mechanism.IsSideBySide || PrefillLane.InFlight > 0 || slices.IsUnderWay) AddDecodes(step);
        else if (now.Sharing == PhaseSharing.Mixed) AddMixed(step, now.PrefillTokens);
        else AddTurn(step, now.PrefillTokens);
        return Commit(step, DecodeLane, PrefillLane);
    }

    /// <summary>Learns what a completed step has cost.</summary>
    public void Observe(Step step)
    {
        isDecided = false;
        var other = step.Lane == Lane.Prefill ? DecodeLane : PrefillLane;
        var endedBeside = other.InFlight > 0;
        if (step.StartedBeside != endedBeside || !step.Result!.IsTypical) return;       // only for part of its time
        if (endedBeside && other.Newest.Plan.Split != step.Plan.Split) return;          // the lanes were changing over
        if (!endedBeside && step.Plan.Split is not null) return;                        // a part of the device, alone
        Mechanism? beside = !endedBeside ? null : step.Plan.Split is { } split ? new Mechanism(PhaseSharing.Partition, split) : new Mechanism(PhaseSharing.SideBySide);
        var share = step.Layers is { } layers ? (layers.End - layers.Start) / (double)layerCount : 1;
        Costs.Observe(new StepSample(step.Kind, step.PrefillTokens, share * work.Of(step.Plan.Prefill), step.Plan.Decode.Count, step.Context, step.Result.Duration.TotalSeconds, beside));
    }

    /// <summary>Where the next step of either lane runs: a phase that has the device for itself has all of it, but for the mode that always splits.</summary>
    private SmSplit? Split => options.Mode == PhaseMode.Partition || BothRun ? choice.Mechanism.Split : null;

    /// <summary>Prompts that wait for pages keep nobody from having the whole device.</summary>
    private bool BothRun => scheduler.Decoding.Count > 0 && (scheduler.Prefilling.Count > 0 || slices.IsUnderWay || PrefillLane.InFlight > 0);

    private bool BothHaveWork => DecodeRows > 0 && (scheduler.HasPrefillWork || slices.IsUnderWay);

    private int DecodeRows => scheduler.Decoding.Count + scheduler.Sampled;

    /// <summary>Steps in flight: no more than the positions reserved beyond a sequence's end allow.</summary>
    private static int DepthOf(RunnerInfo runner) => Math.Min(runner.QueueDepth, Sequence.Lookahead + 1);

    private static ImmutableArray<Mechanism> MechanismsOf(DeviceOptions options, RunnerInfo runner)
    {
        var mode = options.Mode;
        if (!runner.Modes.Contains(mode)) throw new PhaseModeException(mode, runner);
        if (mode == PhaseMode.Partition)
        {
            var least = options.DecodeProcessors ?? Math.Max(1, runner.Multiprocessors / 4);
            return [new Mechanism(PhaseSharing.Partition, SmSplit.Pick(runner.Splits, least) ?? throw PhaseModeException.NoSplit(runner, least))];
        }

        if (mode != PhaseMode.Adaptive) return [new Mechanism(SharingOf(mode))];
        ImmutableArray<Mechanism> mechanisms =
        [
            .. runner.Modes.Where(has => has is not (PhaseMode.Adaptive or PhaseMode.Partition)).Select(SharingOf).Order().Select(sharing => new Mechanism(sharing)),
            .. runner.Modes.Contains(PhaseMode.Partition) ? runner.Splits.Select(split => new Mechanism(PhaseSharing.Partition, split)) : [],
        ];
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
        if (options.Mode != PhaseMode.Adaptive) return choice;
        if (!BothHaveWork)      // the whole device for the one phase, on the lane that the other will join
        {
            isDecided = false;
            return choice with { PrefillTokens = tokenBudget };
        }

        if (isDecided) return choice;
        var (rows, context, prompts) = (DecodeRows, scheduler.DecodingContext, scheduler.Prompts);
        var backlog = new PromptBacklog(prompts.QueuedTokens, prompts.TokensBeforeLast, prompts.GoOn ? DepthOf(runner) + 1 : 1);
        var costs = Costs.For(rows, context, work.Of(prompts.NextOffset), hopes: !choice.Hurries);      // a backlog is no time for tries
        var next = PhasePolicy.Choose(Mechanisms, choice, costs, targets, tokenBudget, backlog);
        if (next.Mechanism != choice.Mechanism)
        {
            Log.SharingChanged(logger, runner.DeviceName, next.Mechanism, next.PrefillTokens);
            if (logger.IsEnabled(LogLevel.Debug)) Log.ChosenBy(logger, runner.DeviceName, rows, context, backlog.BeforeLast, costs.Describe(Mechanisms));
        }

        isDecided = true;
        return choice = next;
    }

    private static Step? Commit(Step step, LaneQueue lane, LaneQueue other)
    {
        if (step.Plan.IsEmpty) return null;
        step.StartedBeside = other.InFlight > 0;
        step.Launch();
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
        var slice = DecodeRows > 0 ? prefillTokens : tokenBudget;
        if (prefillsTurn) AddPrompts(step, slice);
        if (step.Plan.IsEmpty) AddDecodes(step);
        if (step.Plan.IsEmpty && !scheduler.HasDecodesInFlight) AddPrompts(step, slice);
        if (!step.Plan.IsEmpty) prefillsTurn = step.Kind == StepKind.Decode;
    }

    /// <summary>
    /// One row for every decoding sequence whose next input token is known, or sampled by this lane's last step; and for every prompt whose
    /// first token that step samples: it will be decode's when the host has read it, and its second token need not wait for that.
    /// </summary>
    private void AddDecodes(Step step)
    {
        for (var i = 0; i < scheduler.Decoding.Count;)
        {
            var generation = scheduler.Decoding[i];
            if (CanAdvance(generation, step) && !scheduler.Outgrows(generation) && scheduler.TryGrow(generation)) AddDecode(step, generation);

            // Growing may have preempted it, and the next one stands in its place.
            if (i < scheduler.Decoding.Count && scheduler.Decoding[i] == generation) i++;
        }

        for (var i = 0; i < scheduler.Prefilling.Count; i++)
        {
            var generation = scheduler.Prefilling[i];
            if (generation.IsSampled && generation.InFlightLane == step.Lane && CanAdvance(generation, step) && !scheduler.Outgrows(generation)) AddDecode(step, generation);
        }
    }

    private void AddDecode(Step step, Generation generation)
    {
        scheduler.StartDecoding(generation);
        var position = generation.Sequence!.TokenCount - 1 + generation.Ahead;
        step.Add(generation, new DecodeRow(generation.Sequence, position, generation.Ahead == 0 ? DecodeInput.Known : DecodeInput.PreviousStep));
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
            if (generation.Phase == SequencePhase.Restoring) continue;
            var remaining = generation.Tokens.Length - generation.Launched;
            if (remaining == 0 || (generation.InFlight > 0 && generation.InFlightLane != step.Lane)) continue;
            var count = PrefillPolicy.Chunk(remaining, budget);
            if (count == remaining && !generation.MaySample) continue;      // preempted, and its last token was just read
            step.Add(generation, new PrefillSegment(generation.Sequence!, generation.Launched, count, Samples: count == remaining));
            budget -= count;
        }
    }
}
