using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests;

/// <summary>
/// The scheduler and its lanes without threads: every interleaving of arrivals, plans, reads and departures can be played move by move,
/// and the books are checked after each. Small pages and seats, so that sequences preempt each other all the time.
/// </summary>
internal sealed class LaneSimulation
{
    private const int PageCount = 10;
    private const int HostPageCount = 24;

    private readonly PagedRunner runner;
    private readonly PagePool pool;
    private readonly HostTier? tier;
    private readonly ManualTime time = new();
    private readonly Scheduler scheduler;
    private readonly StepReader steps;
    private readonly StepPlanner planner;
    private readonly List<Generation> generations = [];
    private readonly HashSet<Generation> departed = [];
    private readonly DeviceOptions options;

    public LaneSimulation(PhaseMode mode, int queueDepth, int layers = 1, bool hostTier = false)
    {
        runner = new PagedRunner(PageCount, queueDepth, maxRows: 5, maxTokens: 80, vocabulary: 50, layers, HostPageCount);
        pool = new PagePool(PageCount, incarnation: 1, hostTier ? new HostPool(HostPageCount) : null);
        tier = pool.Host is { } host ? new HostTier(pool, host, Counters) : null;
        runner.Cost = (_, plan) => TimeSpan.FromMilliseconds(1 + plan.TokenCount * 0.4);      // long enough to be cut into slices of layers
        options = new DeviceOptions { Mode = mode, MaxSequences = 5, MaxBatchedTokens = 80, PrefillSlice = 24, HostPages = hostTier ? HostPageCount : 0, ItlTarget = TimeSpan.FromMilliseconds(3) };
        var context = AdmissionPolicy.ContextLength(300, 300, PageCount);
        scheduler = new Scheduler(pool, options, context, maxRunning: 5, time, Counters, rope: null, tier);
        steps = new StepReader(scheduler, options, time, Counters);
        planner = new StepPlanner(scheduler, options, runner.Info, runner.Model, tokenBudget: 80, NullLogger.Instance);
    }

    public Counters Counters { get; } = new();

    public IReadOnlyList<Generation> Generations => generations;

    public PagePool Pool => pool;

    public void Play(IEnumerable<(byte Verb, byte Who, byte What)> moves)
    {
        foreach (var (verb, who, what) in moves)
        {
            Do(verb % (tier is null ? 10 : 13), who, what);
            Check();
        }

        RunToTheEnd();
        CheckTheEnd();
    }

    public Generation Arrive(int family, int length, int maxTokens, bool cacheOutput = true)
    {
        var prompt = Enumerable.Range(0, length).Select(i => i < 70 ? family % 2 : family % 11).ToArray();
        var sampling = new SamplingParams { Temperature = 0, EndTokenIds = [7], MinTokens = family % 5, TopLogprobs = family % 3 == 0 ? 2 : null };
        var request = new PromptRequest
        {
            Tokens = prompt, OutputStart = prompt.Length, MaxTokens = maxTokens, Sampling = sampling, CacheSalt = family % 4 == 0 ? "salt" : null, CacheOutput = cacheOutput,
        };
        var keys = PrefixKeys.Of(prompt, request, options, rope: null);
        var generation = new Generation(request, pool.Open(keys.Salt), keys, time.GetTimestamp());
        generations.Add(generation);
        scheduler.Enqueue(generation);
        return generation;
    }

    public void RunToTheEnd()
    {
        for (var round = 0; !scheduler.IsIdle; round++)
        {
            if (round > 20_000) throw new InvalidOperationException("The lanes make no progress.");
            Launch(planner.DecodeLane, planner.NextDecode);
            Launch(planner.PrefillLane, planner.NextPrefill);
            Read(planner.PrefillLane);
            Read(planner.DecodeLane);
            Copy(CopyDirection.Out);
            Copy(CopyDirection.In);
            Check();
        }
    }

    private void Do(int verb, int who, int what)
    {
        time.Advance(TimeSpan.FromMilliseconds(1));
        var generation = generations.Count > 0 ? generations[who % generations.Count] : null;
        switch (verb)
        {
            case 0 or 1 when generations.Count < 20: Arrive(who, 1 + what % 160, 1 + (who * 7 + what) % 90, cacheOutput: what % 2 == 0); break;
            case 2 or 3: Launch(planner.DecodeLane, planner.NextDecode); break;
            case 4: Launch(planner.PrefillLane, planner.NextPrefill); break;
            case 5 or 6: Read(planner.DecodeLane); break;
            case 7: Read(planner.PrefillLane); break;
            case 8 when generation is not null && what % 4 == 0: Depart(generation, generation.OutputCount / 2); break;
            case 9 when what % 16 == 0: pool.DropCache(); break;
            case 10: tier!.KeepReady(scheduler.Running); break;
            case 11: Copy(CopyDirection.Out); break;
            case 12: Copy(CopyDirection.In); break;
        }
    }

    private void Launch(LaneQueue lane, Func<Step?> plan)
    {
        if (!lane.IsFull && plan() is { } step) step.Result = runner.Run(step.Lane, step.Plan);
    }

    private void Read(LaneQueue lane)
    {
        if (lane.InFlight == 0) return;
        var step = lane.Oldest;
        step.Result!.Wait();
        lane.MarkRead();
        planner.Observe(step);
        steps.Read(step);
    }

    private void Copy(CopyDirection direction)
    {
        if (tier?.Next(direction) is not { } job) return;
        runner.Copy(direction, job.Copies);
        scheduler.Apply(job, TimeSpan.FromMilliseconds(1));
    }

    private void Depart(Generation generation, int acceptedOutput)
    {
        departed.Add(generation);
        generation.AcceptedLength = generation.Request.OutputStart + acceptedOutput;
        scheduler.End(generation, new OutputOutcome(new SequenceEnd(EndReason.Stopped), null));
    }

    private void Check()
    {
        pool.CheckInvariants();
        scheduler.CheckInvariants();
        runner.Misuses.ShouldBeEmpty();
    }

    private void CheckTheEnd()
    {
        pool.Accounts.Leased.ShouldBe(0);
        Counters.HandoffPagesCopied.ShouldBe(0);
        foreach (var generation in generations)
        {
            var request = generation.Request;
            var alone = runner.Tokens.Alone(request.Tokens.ToArray(), request.Sampling, request.MaxTokens);
            var output = generation.Tokens[request.OutputStart..].ToArray();
            if (departed.Contains(generation)) output.ShouldBe(alone.Take(output.Length));
            else output.ShouldBe(alone);
        }
    }
}
