using Microsoft.Extensions.Logging;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models.Grammar;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// The device engine: takes prompts, prefills them, decodes them and streams the tokens, over one pool of pages. Owns the pages and
/// the lanes' threads, not the runner. All members are thread-safe; none waits for a step.
/// </summary>
public sealed class DeviceWorker : IAsyncDisposable
{
    private readonly object gate = new();       // guards everything below; never held while the runner runs
    private readonly ILogger<DeviceWorker> logger;
    private readonly PagePool pool;
    private readonly Counters counters = new();
    private readonly Scheduler scheduler;
    private readonly Generations generations;
    private readonly StepReader steps;
    private readonly LearnedCosts? learned;     // null where nothing is learned, or kept
    private readonly Books books;
    private readonly Outputs outputs;
    private readonly DeviceLanes lanes;
    private readonly HostTier? tier;            // null without main memory behind the pool
    private readonly CopyThreads? copies;
    private readonly PrefixPins pins;
    private readonly Deadlines deadlines;
    private readonly DeviceLifetime lifetime;
    private readonly Intake intake;

    /// <param name="grammars">Those of the model's vocabulary; null refuses constrained output.</param>
    /// <exception cref="PhaseModeException">The runner has no mechanism for the mode.</exception>
    /// <exception cref="HostTierException">The runner has no such main memory behind the pool, or there is no cache that could use it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public DeviceWorker(IModelRunner runner, DeviceOptions options, TimeProvider time, ILogger<DeviceWorker> logger, Grammars? grammars = null)
    {
        var info = runner.Info;
        Options = options.Checked();
        Runner = runner;
        this.logger = logger;
        Incarnation = Random.Shared.NextInt64(1, long.MaxValue);
        var check = new PromptCheck(options, runner);
        ContextLength = check.ContextLength;

        ArgumentOutOfRangeException.ThrowIfLessThan(info.MaxTokens, 2);     // a decode row and a prompt token
        var tokenBudget = Math.Min(options.MaxBatchedTokens, info.MaxTokens);
        var maxRunning = Math.Min(Math.Min(options.MaxSequences, info.MaxRows), tokenBudget - 1);   // a mixed step keeps room for a prompt
        pool = new PagePool(info.PageCount, Incarnation, HostTier.PoolFor(options, info));
        tier = pool.Host is { } host ? new HostTier(pool, host, counters) : null;
        pins = new PrefixPins(gate, pool, this);
        scheduler = new Scheduler(pool, options, ContextLength, maxRunning, time, counters, runner.Model.Rope, tier);
        generations = new Generations(pool, scheduler, options, time);
        steps = new StepReader(scheduler, options, time, counters);
        var planner = new StepPlanner(scheduler, options, info, runner.Model, tokenBudget, logger);
        if (options is { Mode: PhaseMode.Adaptive, CostFolder: { } folder })
            learned = new LearnedCosts(new CostFile(folder, info, runner.Model), planner.Costs, counters, time);
        books = new Books(pool, scheduler, time);
        var threads = new RunningThreads(gate, Stopped);
        lanes = new DeviceLanes(gate, runner, planner, Read, Rest, Failed, threads);
        scheduler.Moved += Changed;
        generations.Ended += Changed;
        steps.MaskPrepared += Masked;
        deadlines = new Deadlines(time, Sweep);
        outputs = new Outputs(generations, deadlines, options.ConsumerIdleTimeout, time, LetGo, CloseFeed);
        lifetime = new DeviceLifetime(scheduler, generations, outputs);
        intake = new Intake(gate, runner, options, grammars, check, lifetime, scheduler, generations, lanes.Wake);
        if (tier is not null) copies = new CopyThreads(gate, tier, runner, time, Copied, Failed, threads);
        copies?.Start($"Splitwiser {info.DeviceName}, copies");
        lanes.Start($"Splitwiser {info.DeviceName}");
        Log.DeviceStarted(logger, info.DeviceName, options.Mode, string.Join(", ", planner.Mechanisms), info.PageCount, ContextLength);
    }

    /// <summary>Drawn at the start: leases of other incarnations are refused.</summary>
    public long Incarnation { get; }

    public DeviceOptions Options { get; }

    public IModelRunner Runner { get; }

    /// <summary>Most tokens of a sequence here: the least of the option's, the model's and the pool's limit.</summary>
    public int ContextLength { get; }

    /// <summary>Takes new prompts: neither closed nor draining.</summary>
    public bool IsOpen
    {
        get { lock (gate) return lifetime.IsOpen; }
    }

    /// <summary>Completes, without an error, when the device failed or was disposed, its lanes have stopped and its pages are back.</summary>
    public Task Closed => lifetime.Closed;

    /// <summary>Why it is closed; null while it is not.</summary>
    public DeviceFaultException? Fault => lifetime.Fault;

    public PoolAccounts Pages
    {
        get { lock (gate) return pool.Accounts; }
    }

    /// <summary>All zero without main memory behind the pool.</summary>
    public HostAccounts HostPages
    {
        get { lock (gate) return pool.Host?.Accounts ?? default; }
    }

    public DeviceLoad Load
    {
        get
        {
            lock (gate)
                return new DeviceLoad(scheduler.Prompts.Waiting.Count, scheduler.Running, scheduler.QueuedTokens, pool.Summary(DeviceLoad.MaxCachedPrefixes));
        }
    }

    public DeviceStatistics Statistics
    {
        get { lock (gate) return counters.Snapshot(); }
    }

    /// <summary>
    /// Queues a prompt. Completes when its first token is sampled and decode owns its pages; from then on the output waits for
    /// <see cref="Attach"/>. Cancelling before that gives the pages back within one step.
    /// </summary>
    /// <exception cref="DeviceRefusedException">Nothing was leased: Invalid, Unserved, TooLong, NeverFits, QueueFull, Draining or Closed.</exception>
    /// <exception cref="DeviceFaultException">The device failed before the handoff.</exception>
    public Task<Handoff> Prefill(PromptRequest request, CancellationToken cancellationToken = default) => intake.Prefill(request, cancellationToken);

    /// <summary>Reads a sequence's output from an index on. A second reader ends the first.</summary>
    /// <exception cref="DeviceRefusedException">UnknownLease, StaleLease, Closed, or Invalid for an index before the tokens generated here.</exception>
    public TokenReader Attach(LeaseId lease, int fromIndex)
    {
        lock (gate)
        {
            lifetime.ThrowIfClosed();
            return outputs.Attach(lease, fromIndex);
        }
    }

    /// <summary>The same through a feed of this device.</summary>
    /// <exception cref="DeviceRefusedException">UnknownLease, StaleLease, Closed, or Invalid for an index before the tokens generated here.</exception>
    public void Attach(LeaseId lease, int fromIndex, TokenFeed feed)
    {
        lock (gate)
        {
            lifetime.ThrowIfClosed();
            outputs.Attach(lease, fromIndex, feed);
        }
    }

    /// <summary>Opens a way for the outputs of many sequences to one consumer.</summary>
    /// <exception cref="DeviceRefusedException">Closed.</exception>
    public TokenFeed OpenFeed()
    {
        lock (gate)
        {
            lifetime.ThrowIfClosed();
            var feed = outputs.OpenFeed();
            if (lifetime.HasRunOut) feed.Complete(fault: null);
            return feed;
        }
    }

    /// <summary>Ends a sequence; output from an index on is dropped and not cached. Nothing happens when it has ended and was read.</summary>
    /// <exception cref="DeviceRefusedException">StaleLease, or UnknownLease for one that was never given out.</exception>
    public void Stop(LeaseId lease, int atIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(atIndex);
        lock (gate) generations.Stop(lease, atIndex);
    }

    /// <summary>Ends a sequence whatever it is doing and forgets it. Its pages are back at once, or with the step that touches them.</summary>
    /// <returns>True when it held pages; false, too, for a lease that is gone.</returns>
    /// <exception cref="DeviceRefusedException">StaleLease, or UnknownLease for one that was never given out.</exception>
    public bool Release(LeaseId lease)
    {
        lock (gate) return generations.Release(lease);
    }

    /// <summary>Ends a prompt whose caller is gone and may never learn its lease: the handoff may be on its way to it.</summary>
    /// <returns>False when the device has no prompt with this ticket.</returns>
    public bool Withdraw(Guid ticket)
    {
        lock (gate) return generations.Withdraw(ticket);
    }

    /// <summary>What a lease holds; null when it is gone.</summary>
    /// <exception cref="DeviceRefusedException">StaleLease, or UnknownLease for one that was never given out.</exception>
    public LeaseInfo? Inspect(LeaseId lease)
    {
        lock (gate) return generations.Inspect(lease);
    }

    /// <summary>Makes every page free that only the cache holds and that is not pinned, and forgets those in main memory; returns how many became free.</summary>
    public int DropCache()
    {
        lock (gate) return pool.DropCache();
    }

    /// <summary>Begins to copy the coldest cached pages to main memory, which makes them free; returns how many left the cache.</summary>
    /// <exception cref="DeviceRefusedException">Unserved: there is no such memory; or Closed.</exception>
    public int Offload(int pages)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pages);
        lock (gate)
        {
            lifetime.ThrowIfClosed();
            return (tier ?? throw new DeviceRefusedException(DeviceRefusal.Unserved, "The device has no main memory behind its pages.")).Offload(pages);
        }
    }

    /// <summary>Computes the full pages of a prefix, unless the cache has them, and keeps them there until <see cref="Unpin"/>.</summary>
    /// <exception cref="DeviceRefusedException">PinLimit; Unserved without a cache; or what <see cref="Prefill"/> refuses.</exception>
    public Task<PrefixPin> Pin(ReadOnlyMemory<int> prefix, string? cacheSalt = null, CancellationToken cancellationToken = default) => pins.Pin(prefix, cacheSalt, cancellationToken);

    /// <summary>Lets a pinned prefix go; false when it was gone.</summary>
    public bool Unpin(long number)
    {
        lock (gate) return pool.Unpin(number);
    }

    /// <summary>Refuses new prompts from now on; completes when all others have ended and were read, or expired.</summary>
    public Task Drain(CancellationToken cancellationToken = default)
    {
        lock (gate) return lifetime.Drain(cancellationToken);
    }

    /// <summary>Throws InvalidOperationException when the page accounts or the sequences' page tables don't add up.</summary>
    public void CheckInvariants()
    {
        lock (gate) books.Check();
    }

    /// <summary>Closes the device: calls and readers that still wait get a <see cref="DeviceFaultException"/>, the lanes stop after their step.</summary>
    public async ValueTask DisposeAsync()
    {
        Close(new DeviceFaultException("The device was shut down."));
        await Closed;
        if (learned is not null) await learned.Written;
    }

    private void CloseFeed(TokenFeed feed)
    {
        lock (gate) outputs.CloseFeed(feed);
    }

    private void LetGo(OutputReader reader)
    {
        lock (gate)
        {
            if (outputs.LetGo(reader)) Changed();
        }
    }

    /// <summary>Drops what nobody attached to, or read, in time; returns when to look again.</summary>
    private TimeSpan? Sweep()
    {
        lock (gate) return generations.DropExpired();
    }

    /// <summary>Pages, seats or prompts have come or gone: a lane that sleeps may have work, and a drain may be complete.</summary>
    private void Changed()
    {
        tier?.KeepReady(scheduler.Running);
        lanes.Wake();
        lifetime.Left();
    }

    /// <summary>A lane has nothing to do.</summary>
    private void Rest()
    {
        if (books.CheckAtRest()) learned?.KeepNowAndThen();
    }

    private void Read(Step step)
    {
        outputs.Hold();       // what the step brings goes out together
        steps.Read(step);
        outputs.LetGo();
        foreach (var generation in step.Prompts)
            if (generation is { IsHandedOff: true, Attached: false }) deadlines.Expect(Options.HandoffTimeout);
        Changed();
    }

    private void Copied(CopyJob job, TimeSpan duration)
    {
        scheduler.Apply(job, duration);
        Changed();
    }

    private void Masked(Generation generation, Exception? error)
    {
        if (error is not null)
        {
            Failed(error);
            return;
        }

        lock (gate)
        {
            if (lifetime.IsClosed) return;
            steps.Resume(generation);
            Changed();
        }
    }

    private void Failed(Exception exception)
    {
        Log.DeviceFailed(logger, exception, Runner.Info.DeviceName);
        Close(exception as DeviceFaultException ?? new DeviceFaultException($"{Runner.Info.DeviceName} failed: {exception.Message}", exception));
    }

    private void Close(DeviceFaultException reason)
    {
        lock (gate)
        {
            if (!lifetime.TryClose(reason)) return;
            lanes.Stop();
            copies?.Stop();
        }
    }

    /// <summary>With the last thread nothing touches a page any more: all go back.</summary>
    private void Stopped()
    {
        learned?.Keep();
        scheduler.Abandon();
        generations.Clear();
        deadlines.Dispose();
        lifetime.Stopped();
    }
}
