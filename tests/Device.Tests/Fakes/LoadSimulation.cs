using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests;

/// <summary>A device of sixteen seats under requests that come at random times, in virtual time: its steps cost what a formula says.</summary>
internal sealed class LoadSimulation
{
    private const int PageCount = 256;
    private const int Seats = 16;

    private readonly PagedRunner runner = new(PageCount, queueDepth: 1, maxRows: Seats, maxTokens: 256);
    private readonly PagePool pool = new(PageCount, incarnation: 1);
    private readonly ManualTime time = new();
    private readonly Random random = new(5);
    private readonly Scheduler scheduler;
    private readonly StepReader steps;
    private readonly StepPlanner planner;
    private readonly PromptCheck check;
    private readonly List<Generation> admitted = [];
    private readonly List<TimeSpan> retries = [];
    private double done;    // seconds at which the step under way is done

    public LoadSimulation(TimeSpan? ttftTarget)
    {
        var options = new DeviceOptions { Mode = PhaseMode.Chunked, MaxModelLength = 300, MaxSequences = Seats, MaxBatchedTokens = 256, QueueLimit = 1024, PrefixCaching = false, TtftTarget = ttftTarget };
        check = new PromptCheck(options, runner);
        var counters = new Counters();
        scheduler = new Scheduler(pool, options, check.ContextLength, Seats, time, counters);
        steps = new StepReader(scheduler, options, time, counters);
        planner = new StepPlanner(scheduler, options, runner.Info, runner.Model, tokenBudget: 256, NullLogger.Instance);
    }

    /// <summary>Most prompts that waited together.</summary>
    public int Deepest { get; private set; }

    /// <summary>What the refused were told.</summary>
    public IReadOnlyList<TimeSpan> Retries => retries;

    /// <summary>From a request's arrival to its first token, in seconds and rising: of those admitted, all of whom ended.</summary>
    public double[] Firsts => [.. admitted.Select(generation => Seconds(generation.HandedOff - generation.Arrived)).Order()];

    public PoolAccounts Pages => pool.Accounts;

    /// <summary>Requests a second that a device does whose queue is never empty.</summary>
    public static double Rate()
    {
        var simulation = new LoadSimulation(ttftTarget: null);
        for (var i = 0; i < 1000; i++) simulation.Arrive();
        while (simulation.scheduler.Prompts.QueuedCount > 0) simulation.RunUntil(Seconds(simulation.time.GetTimestamp()) + 0.1);
        return (1000 - Seats) / Seconds(simulation.time.GetTimestamp());
    }

    /// <summary>Requests arrive (Poisson) for so long; then what was admitted runs to its end.</summary>
    public void Play(double perSecond, double seconds)
    {
        for (var due = 0.0; due < seconds; due -= Math.Log(1 - random.NextDouble()) / perSecond)
        {
            RunUntil(due);
            Arrive();
        }

        RunUntil(double.PositiveInfinity);
    }

    private static double Seconds(long ticks) => TimeSpan.FromTicks(ticks).TotalSeconds;

    private void Arrive()
    {
        int[] prompt = [.. Enumerable.Range(0, random.Next(16, 65)).Select(_ => random.Next(1000))];
        var request = new PromptRequest { Tokens = prompt, OutputStart = prompt.Length, MaxTokens = random.Next(16, 65), Sampling = SamplingParams.Greedy };
        if (check.Refusal(request, scheduler) is { } refusal)
        {
            refusal.Reason.ShouldBe(DeviceRefusal.QueueFull);
            retries.Add(refusal.RetryAfter!.Value);
            return;
        }

        var generation = new Generation(request, pool.Open(null), new PrefixKeys(null, [], []), time.GetTimestamp());
        admitted.Add(generation);
        scheduler.Enqueue(generation);
        Deepest = Math.Max(Deepest, scheduler.Prompts.QueuedCount);
    }

    /// <summary>Steps up to a time; one that is under way then is read later, when it is done.</summary>
    private void RunUntil(double seconds)
    {
        while (true)
        {
            if (planner.DecodeLane.InFlight == 0)
            {
                if (planner.NextDecode() is not { } next) break;
                next.Result = runner.Run(next.Lane, next.Plan);
                done = Seconds(time.GetTimestamp()) + Cost(next.Plan);
            }

            if (done > seconds) break;
            AdvanceTo(done);
            var step = planner.DecodeLane.Oldest;
            step.Result!.Wait();
            planner.DecodeLane.MarkRead();
            planner.Observe(step);
            steps.Read(step);
        }

        if (double.IsFinite(seconds)) AdvanceTo(seconds);
        else scheduler.IsIdle.ShouldBeTrue();
    }

    private void AdvanceTo(double seconds)
    {
        var ahead = TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(time.GetTimestamp());
        if (ahead > TimeSpan.Zero) time.Advance(ahead);
    }

    /// <summary>Seconds: a millisecond, and for each row and each prompt token a part of one.</summary>
    private static double Cost(StepPlan plan) => 0.001 + (0.0001 * plan.Decode.Count) + (0.00005 * (plan.TokenCount - plan.Decode.Count));
}
