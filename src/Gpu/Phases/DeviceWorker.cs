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
    private readonly TimeProvider time;
    private readonly ILogger<DeviceWorker> logger;
    private readonly Grammars? grammars;
    private readonly PagePool pool;
    private readonly Counters counters = new();
    private readonly Scheduler scheduler;
    private readonly Generations generations;
    private readonly StepPlanner planner;
    private readonly CostFile? costFile;        // null where nothing is learned, or kept
    private readonly Outputs outputs;
    private readonly DeviceLanes lanes;
    private readonly HostTier? tier;            // null without main memory behind the pool
    private readonly CopyThreads? copies;
    private readonly PrefixPins pins;
    private readonly Deadlines deadlines;
    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<TaskCompletionSource> draining = [];
    private readonly PromptCheck check;
    private DeviceFaultException? fault;
    private bool drains;
    private int running = 1;                    // lanes, and the copies' threads, until they have stopped
    private long? balanced;                     // timestamp of the last check of the books
    private long? learned;                      // timestamp of when costs were last kept
    private Task kept = Task.CompletedTask;

    /// <param name="grammars">Those of the model's vocabulary; null refuses constrained output.</param>
    /// <exception cref="PhaseModeException">The runner has no mechanism for the mode.</exception>
    /// <exception cref="HostTierException">The runner has no such main memory behind the pool, or there is no cache that could use it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public DeviceWorker(IModelRunner runner, DeviceOptions options, TimeProvider time, ILogger<DeviceWorker> logger, Grammars? grammars = null)
    {
        var info = runner.Info;
        Options = options.Checked();
        Runner = runner;
        this.time = time;
        this.logger = logger;
        this.grammars = grammars;
        Incarnation = Random.Shared.NextInt64(1, long.MaxValue);
        check = new PromptCheck(options, runner);

        ArgumentOutOfRangeException.ThrowIfLessThan(info.MaxTokens, 2);     // a decode row and a prompt token
        var tokenBudget = Math.Min(options.MaxBatchedTokens, info.MaxTokens);
        var maxRunning = Math.Min(Math.Min(options.MaxSequences, info.MaxRows), tokenBudget - 1);   // a mixed step keeps room for a prompt
        pool = new PagePool(info.PageCount, Incarnation, HostPoolFor(options, info));
        tier = pool.Host is { } host ? new HostTier(pool, host, counters) : null;
        pins = new PrefixPins(gate, pool, this);
        generations = new Generations(pool, options, time);
        scheduler = new Scheduler(pool, options, ContextLength, maxRunning, time, counters, runner.Model.Rope, tier);
        planner = new StepPlanner(scheduler, options, info, runner.Model.LayerCount, tokenBudget, logger);
        if (options is { Mode: PhaseMode.Adaptive, CostFolder: { } folder }) costFile = new CostFile(folder, info, runner.Model);
        if (costFile?.Read() is { } record) planner.Costs.Restore(record);
        lanes = new DeviceLanes(gate, runner, planner, Read, Balance, Failed, Stopped);
        scheduler.Moved += Changed;
        scheduler.MaskPrepared += Masked;
        deadlines = new Deadlines(time, Sweep);
        outputs = new Outputs(generations, deadlines, options.ConsumerIdleTimeout, time, LetGo, CloseFeed);
        if (tier is not null)
        {
            copies = new CopyThreads(gate, tier, runner, time, Copied, Failed, Stopped);
            running++;
            copies.Start($"Splitwiser {info.DeviceName}, copies");
        }

        lanes.Start($"Splitwiser {info.DeviceName}");
        Log.DeviceStarted(logger, info.DeviceName, options.Mode, string.Join(", ", planner.Mechanisms), info.PageCount, ContextLength);
    }

    /// <summary>Drawn at the start: leases of other incarnations are refused.</summary>
    public long Incarnation { get; }

    public DeviceOptions Options { get; }

    public IModelRunner Runner { get; }

    /// <summary>Most tokens of a sequence here: the least of the option's, the model's and the pool's limit.</summary>
    public int ContextLength => check.ContextLength;

    /// <summary>Takes new prompts: neither closed nor draining.</summary>
    public bool IsOpen
    {
        get { lock (gate) return fault is null && !drains; }
    }

    /// <summary>Completes, without an error, when the device failed or was disposed, its lanes have stopped and its pages are back.</summary>
    public Task Closed => closed.Task;

    /// <summary>Why it is closed; null while it is not.</summary>
    public DeviceFaultException? Fault => Volatile.Read(ref fault);

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
                return new DeviceLoad(scheduler.Waiting.Count, scheduler.Running, scheduler.QueuedTokens, pool.Summary(DeviceLoad.MaxCachedPrefixes));
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
    public Task<Handoff> Prefill(PromptRequest request, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<Handoff>(cancellationToken);
        if (request.Probe is not null && !Runner.Info.Probes)
            return Task.FromException<Handoff>(new DeviceRefusedException(DeviceRefusal.Unserved, $"{Runner.Info.DeviceName} gives neither hidden states nor logprobs of prompts."));
        if (check.Flaw(request) is { } flaw) return Task.FromException<Handoff>(new DeviceRefusedException(DeviceRefusal.Invalid, flaw));
        return request.Constraint is null ? Enqueue(request, null, cancellationToken) : Constrain(request, cancellationToken);
    }

    /// <summary>Compiling may take a while, so it is done by another thread and before the prompt counts as waiting.</summary>
    private async Task<Handoff> Constrain(PromptRequest request, CancellationToken cancellationToken)
    {
        lock (gate)
            if (Refusal(request) is { } refusal) throw refusal;
        var grammar = await Task.Run(() => OutputGrammar.Open(grammars, request), cancellationToken);
        return await Enqueue(request, grammar, cancellationToken);
    }

    private Task<Handoff> Enqueue(PromptRequest request, OutputGrammar? grammar, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<Handoff>(cancellationToken);
        var salt = RopeRange.Salt(Runner.Model.Rope, request.CacheSalt, request.Tokens.Length);
        var hashes = Options.PrefixCaching && request.LooksUpPrefix ? PrefixHash.Of(request.Tokens.Span, salt) : [];
        var digests = tier is not null && hashes.Length > 0 ? PrefixDigest.Of(request.Tokens.Span, salt) : [];
        lock (gate)
        {
            if (Refusal(request) is { } refusal) return Task.FromException<Handoff>(refusal);
            if (scheduler.QueuedCount >= Options.QueueLimit && scheduler.LastBelow(request.Priority) is { } last) Displace(last);
            var generation = new Generation(request, pool.Open(salt), hashes, time.GetTimestamp(), grammar) { PrefixDigests = digests };
            generations.Add(generation);
            scheduler.Enqueue(generation);
            generation.Cancellation = cancellationToken.UnsafeRegister((_, token) => Cancel(generation, token), null);
            lanes.Wake();
            return generation.Handoff;
        }
    }

    /// <summary>Reads a sequence's output from an index on. A second reader ends the first.</summary>
    /// <exception cref="DeviceRefusedException">UnknownLease, StaleLease, Closed, or Invalid for an index before the tokens generated here.</exception>
    public TokenReader Attach(LeaseId lease, int fromIndex)
    {
        lock (gate)
        {
            ThrowIfClosed();
            return outputs.Attach(lease, fromIndex);
        }
    }

    /// <summary>The same through a feed of this device.</summary>
    /// <exception cref="DeviceRefusedException">UnknownLease, StaleLease, Closed, or Invalid for an index before the tokens generated here.</exception>
    public void Attach(LeaseId lease, int fromIndex, TokenFeed feed)
    {
        lock (gate)
        {
            ThrowIfClosed();
            outputs.Attach(lease, fromIndex, feed);
        }
    }

    /// <summary>Opens a way for the outputs of many sequences to one consumer.</summary>
    /// <exception cref="DeviceRefusedException">Closed.</exception>
    public TokenFeed OpenFeed()
    {
        lock (gate)
        {
            ThrowIfClosed();
            var feed = outputs.OpenFeed();
            if (drains && IsRunOut) feed.Complete(fault: null);
            return feed;
        }
    }

    /// <summary>Ends a sequence; output from an index on is dropped and not cached. Nothing happens when it has ended and was read.</summary>
    /// <exception cref="DeviceRefusedException">StaleLease, or UnknownLease for one that was never given out.</exception>
    public void Stop(LeaseId lease, int atIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(atIndex);
        lock (gate)
        {
            if (generations.Find(lease) is not { } generation) return;
            generation.AcceptedLength = (int)Math.Min((long)generation.Request.OutputStart + atIndex, generation.Tokens.Length);
            generation.Output?.Truncate(atIndex);
            scheduler.End(generation, new OutputOutcome(new SequenceEnd(EndReason.Stopped), null));
            Changed();
        }
    }

    /// <summary>Ends a sequence whatever it is doing and forgets it. Its pages are back at once, or with the step that touches them.</summary>
    /// <returns>True when it held pages; false, too, for a lease that is gone.</returns>
    /// <exception cref="DeviceRefusedException">StaleLease, or UnknownLease for one that was never given out.</exception>
    public bool Release(LeaseId lease)
    {
        lock (gate)
        {
            if (generations.Find(lease) is not { } generation) return false;
            var held = generation.Lease.Count > 0;
            Drop(generation, new OutputOutcome(new SequenceEnd(EndReason.Released), null));
            return held;
        }
    }

    /// <summary>What a lease holds; null when it is gone.</summary>
    /// <exception cref="DeviceRefusedException">StaleLease, or UnknownLease for one that was never given out.</exception>
    public LeaseInfo? Inspect(LeaseId lease)
    {
        lock (gate)
        {
            return generations.Find(lease) is { } generation
                ? new LeaseInfo(lease, generation.Phase, generation.Tokens.Length, generation.Lease.Count, pool.SharedPages(generation.Lease))
                : null;
        }
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
            ThrowIfClosed();
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
        lock (gate)
        {
            drains = true;
            if (fault is not null) return closed.Task.WaitAsync(cancellationToken);
            if (IsRunOut)
            {
                outputs.Complete(fault: null);
                return Task.CompletedTask;
            }

            var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            draining.Add(idle);
            return idle.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Throws InvalidOperationException when the page accounts or the sequences' page tables don't add up.</summary>
    public void CheckInvariants()
    {
        lock (gate)
        {
            pool.CheckInvariants();
            scheduler.CheckInvariants();
        }
    }

    /// <summary>Closes the device: calls and readers that still wait get a <see cref="DeviceFaultException"/>, the lanes stop after their step.</summary>
    public async ValueTask DisposeAsync()
    {
        Close(new DeviceFaultException("The device was shut down."));
        await Closed;
        await kept;
    }

    private DeviceRefusedException? Refusal(PromptRequest request) =>
        fault is not null ? new DeviceRefusedException(DeviceRefusal.Closed, "The device is closed.")
        : drains ? new DeviceRefusedException(DeviceRefusal.Draining, "The device is shutting down.")
        : check.Refusal(request, scheduler);

    private void Cancel(Generation generation, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (generation.IsHandedOff) return;
            generation.CancelHandoff(cancellationToken);
            Drop(generation, new OutputOutcome(new SequenceEnd(EndReason.Released), null));
        }
    }

    private bool IsRunOut => generations.Count == 0 && scheduler.IsIdle;

    private void ThrowIfClosed()
    {
        if (fault is not null) throw new DeviceRefusedException(DeviceRefusal.Closed, "The device is closed.");
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

    private static HostPool? HostPoolFor(DeviceOptions options, RunnerInfo runner)
    {
        if (options.HostPages == 0) return null;
        if (!options.PrefixCaching) throw new HostTierException("Main memory behind the pool keeps what the prefix cache has no room for, and prefix caching is off.");
        return runner.HostPageCount >= options.HostPages ? new HostPool(options.HostPages)
            : throw new HostTierException($"{runner.DeviceName} has {runner.HostPageCount} pages of main memory behind its pool, not {options.HostPages}.");
    }

    /// <summary>The queue is full and one of a higher priority has come.</summary>
    private void Displace(Generation generation)
    {
        var wait = AdmissionPolicy.Wait(scheduler.Ahead(generation.Request));
        Drop(generation, new OutputOutcome(null, new DeviceRefusedException(DeviceRefusal.QueueFull, "Prompts of a higher priority have filled the queue.", AdmissionPolicy.RetryAfter(wait))));
    }

    private void Drop(Generation generation, OutputOutcome outcome)
    {
        scheduler.End(generation, outcome);
        generations.Remove(generation.Number);
        Changed();
    }

    /// <summary>Drops what nobody attached to, or read, in time; returns when to look again.</summary>
    private TimeSpan? Sweep()
    {
        lock (gate)
        {
            var expired = generations.Expired(out var next);
            foreach (var generation in expired)
                Drop(generation, new OutputOutcome(null, new LeaseExpiredException(generation.Lease.Id, generations.TimeoutOf(generation))));
            return next;
        }
    }

    /// <summary>Pages, seats or prompts have come or gone: a lane that sleeps may have work, and a drain may be complete.</summary>
    private void Changed()
    {
        tier?.KeepReady(scheduler.Running);
        lanes.Wake();
        if (!drains || !IsRunOut) return;
        outputs.Complete(fault: null);
        foreach (var idle in draining) idle.TrySetResult();
        draining.Clear();
    }

    /// <summary>Checks the books when the device is idle, at most once a second; an error in them is a bug and closes the device.</summary>
    private void Balance()
    {
        if (!scheduler.IsIdle) return;
        var now = time.GetTimestamp();
        if (balanced is { } last && time.GetElapsedTime(last, now) < TimeSpan.FromSeconds(1)) return;
        balanced = now;
        CheckInvariants();
        if (learned is { } before && time.GetElapsedTime(before, now) < TimeSpan.FromMinutes(1)) return;
        learned = now;
        Keep();
    }

    /// <summary>Writes down what the adaptive mode has learned, by another thread.</summary>
    private void Keep()
    {
        if (costFile is null || counters.GeneratedTokens == 0) return;
        var record = planner.Costs.Record();
        kept = kept.ContinueWith(_ => costFile.Write(record), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Read(Step step)
    {
        outputs.Hold();       // what the step brings goes out together
        scheduler.Apply(step);
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
            if (fault is not null) return;
            scheduler.Resume(generation);
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
            if (fault is not null) return;
            fault = reason;
            foreach (var generation in generations.All) generation.Conclude(new OutputOutcome(null, reason));
            outputs.Complete(reason);
            foreach (var idle in draining) idle.TrySetException(reason);
            lanes.Stop();
            copies?.Stop();
        }
    }

    /// <summary>With the last lane, and the last copy, nothing touches a page any more: all go back.</summary>
    private void Stopped()
    {
        if (--running > 0) return;
        Keep();
        scheduler.Abandon();
        generations.Clear();
        deadlines.Dispose();
        closed.TrySetResult();
    }
}
