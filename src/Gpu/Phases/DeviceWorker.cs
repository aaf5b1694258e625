using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Splitwiser.Gpu.Kv;

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
    private readonly PagePool pool;
    private readonly Counters counters = new();
    private readonly Scheduler scheduler;
    private readonly StepPlanner planner;
    private readonly Dictionary<long, Generation> generations = [];     // by lease number, until their output was read
    private readonly Deadlines deadlines;
    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<TaskCompletionSource> draining = [];
    private DeviceFaultException? fault;
    private int threads;                        // lane threads that have not returned
    private bool drains;

    /// <exception cref="PhaseModeException">The runner has no mechanism for the mode.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public DeviceWorker(IModelRunner runner, DeviceOptions options, TimeProvider time, ILogger<DeviceWorker> logger)
    {
        var info = runner.Info;
        Options = options.Checked();
        if (options.Mode != PhaseMode.Adaptive && !info.Modes.Contains(options.Mode)) throw new PhaseModeException(options.Mode, info);
        Runner = runner;
        this.time = time;
        this.logger = logger;
        Incarnation = Random.Shared.NextInt64(1, long.MaxValue);
        ContextLength = AdmissionPolicy.ContextLength(options.MaxModelLength, runner.Model.MaxPositions, info.PageCount);

        var tokenBudget = Math.Min(options.MaxBatchedTokens, info.MaxTokens);
        var maxRunning = Math.Min(Math.Min(options.MaxSequences, info.MaxRows), tokenBudget - 1);   // a mixed step keeps room for a prompt
        var depth = Math.Min(info.QueueDepth, Sequence.Lookahead + 1);
        pool = new PagePool(info.PageCount, Incarnation);
        scheduler = new Scheduler(pool, options, ContextLength, maxRunning, time, counters);
        var prefillLane = new LaneQueue(Lane.Prefill, depth);
        var decodeLane = new LaneQueue(Lane.Decode, depth);
        planner = new StepPlanner(scheduler, options, tokenBudget, prefillLane, decodeLane);
        deadlines = new Deadlines(time, Sweep);

        Start("decode", decodeLane, planner.NextDecode);
        if (planner.IsSideBySide) Start("prefill", prefillLane, planner.NextPrefill);
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
    /// <exception cref="DeviceRefusedException">Nothing was leased: Invalid, TooLong, NeverFits, QueueFull, Draining or Closed.</exception>
    /// <exception cref="DeviceFaultException">The device failed before the handoff.</exception>
    public Task<Handoff> Prefill(PromptRequest request, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<Handoff>(cancellationToken);
        if (Invalid(request) is { } flaw) return Task.FromException<Handoff>(new DeviceRefusedException(DeviceRefusal.Invalid, flaw));
        var hashes = Options.PrefixCaching ? PrefixHash.Of(request.Tokens.Span, request.CacheSalt) : [];
        lock (gate)
        {
            if (Refusal(request) is { } refusal) return Task.FromException<Handoff>(refusal);
            var generation = new Generation(request, pool.Open(request.CacheSalt), hashes, time.GetTimestamp());
            generations.Add(generation.Number, generation);
            scheduler.Enqueue(generation);
            generation.Cancellation = cancellationToken.UnsafeRegister((_, token) => Cancel(generation, token), null);
            Monitor.PulseAll(gate);
            return generation.Handoff;
        }
    }

    /// <summary>Reads a sequence's output from an index on. A second reader ends the first.</summary>
    /// <exception cref="DeviceRefusedException">UnknownLease, StaleLease, Closed, or Invalid for an index before the tokens generated here.</exception>
    public TokenReader Attach(LeaseId lease, int fromIndex)
    {
        lock (gate)
        {
            if (fault is not null) throw new DeviceRefusedException(DeviceRefusal.Closed, "The device is closed.", null);
            if (Find(lease) is not { IsHandedOff: true, Output: { } output } generation)
                throw new DeviceRefusedException(DeviceRefusal.UnknownLease, $"Lease {lease.Number} has no output here.");
            if (fromIndex < output.FirstIndex)
                throw new DeviceRefusedException(DeviceRefusal.Invalid, $"Output of lease {lease.Number} begins at index {output.FirstIndex}, not {fromIndex}.");
            var reader = new TokenReader(lease, output, fromIndex, time, LetGo);
            output.Attach(reader, time.GetTimestamp());
            generation.Attached = true;
            deadlines.Expect(Options.ConsumerIdleTimeout);
            return reader;
        }
    }

    /// <summary>Ends a sequence; output from an index on is dropped and not cached. Nothing happens when it has ended and was read.</summary>
    /// <exception cref="DeviceRefusedException">StaleLease, or UnknownLease for one that was never given out.</exception>
    public void Stop(LeaseId lease, int atIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(atIndex);
        lock (gate)
        {
            if (Find(lease) is not { } generation) return;
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
            if (Find(lease) is not { } generation) return false;
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
            return Find(lease) is { } generation
                ? new LeaseInfo(lease, generation.Phase, generation.Tokens.Length, generation.Lease.Count, pool.SharedPages(generation.Lease))
                : null;
        }
    }

    /// <summary>Makes every page free that only the cache holds; returns how many.</summary>
    public int DropCache()
    {
        lock (gate) return pool.DropCache();
    }

    /// <summary>Refuses new prompts from now on; completes when all others have ended and were read, or expired.</summary>
    public Task Drain(CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            drains = true;
            if (generations.Count == 0 && scheduler.IsIdle) return Task.CompletedTask;
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
    }

    private string? Invalid(PromptRequest request)
    {
        if (request.Tokens.Length == 0) return "The prompt is empty.";
        if (request.OutputStart < 0 || request.OutputStart > request.Tokens.Length) return $"OutputStart {request.OutputStart} is outside the {request.Tokens.Length} tokens.";
        if (request.MaxTokens <= request.Tokens.Length - request.OutputStart) return $"MaxTokens {request.MaxTokens} leaves nothing to generate.";
        foreach (var token in request.Tokens.Span)
            if ((uint)token >= (uint)Runner.Model.VocabularySize) return $"Token {token} is outside the vocabulary of {Runner.Model.VocabularySize}.";
        return null;
    }

    private DeviceRefusedException? Refusal(PromptRequest request)
    {
        if (fault is not null) return new DeviceRefusedException(DeviceRefusal.Closed, "The device is closed.");
        if (drains) return new DeviceRefusedException(DeviceRefusal.Draining, "The device is shutting down.");
        var length = request.Tokens.Length;
        var limit = Math.Min(Options.MaxModelLength, Runner.Model.MaxPositions);
        return AdmissionPolicy.Refuse(length, limit, pool.Total, scheduler.Waiting.Count, Options.QueueLimit) switch
        {
            null => null,
            DeviceRefusal.TooLong => new DeviceRefusedException(DeviceRefusal.TooLong, $"The prompt has {length} tokens; the context holds {limit}, the answer included."),
            DeviceRefusal.NeverFits => new DeviceRefusedException(DeviceRefusal.NeverFits, $"The prompt has {length} tokens; the device's {pool.Total} pages can't hold it."),
            var reason => new DeviceRefusedException(
                reason.Value, $"{scheduler.Waiting.Count} prompts are waiting.", AdmissionPolicy.RetryAfter(scheduler.QueuedTokens, counters.SecondsPerPromptToken)),
        };
    }

    private Generation? Find(LeaseId lease)
    {
        if (lease.Incarnation != Incarnation) throw new DeviceRefusedException(DeviceRefusal.StaleLease, $"Lease {lease.Number} is of another incarnation of the device.");
        if (!pool.WasOpened(lease)) throw new DeviceRefusedException(DeviceRefusal.UnknownLease, $"Lease {lease.Number} was never given out.");
        return generations.GetValueOrDefault(lease.Number);
    }

    private void Cancel(Generation generation, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (generation.IsHandedOff) return;
            generation.CancelHandoff(cancellationToken);
            Drop(generation, new OutputOutcome(new SequenceEnd(EndReason.Released), null));
        }
    }

    private void LetGo(TokenReader reader)
    {
        lock (gate)
        {
            if (!reader.Buffer.Detach(reader, time.GetTimestamp())) return;
            if (reader.End is null) deadlines.Expect(Options.ConsumerIdleTimeout);
            else if (generations.Remove(reader.Lease.Number)) Changed();
        }
    }

    private void Drop(Generation generation, OutputOutcome outcome)
    {
        scheduler.End(generation, outcome);
        generations.Remove(generation.Number);
        Changed();
    }

    /// <summary>Pages may have come back: lanes look again, and a drain may be complete.</summary>
    private void Changed()
    {
        Monitor.PulseAll(gate);
        if (draining.Count == 0 || generations.Count > 0 || !scheduler.IsIdle) return;
        foreach (var idle in draining) idle.TrySetResult();
        draining.Clear();
    }

    /// <summary>Drops what nobody attached to, or read, in time; returns when to look again.</summary>
    private TimeSpan? Sweep()
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            TimeSpan? next = null;
            foreach (var generation in generations.Values.Where(generation => generation.IsHandedOff).ToList())
            {
                var timeout = generation.Attached ? Options.ConsumerIdleTimeout : Options.HandoffTimeout;
                var idle = generation.Output!.Reader is { IsWaiting: true } ? TimeSpan.Zero
                    : time.GetElapsedTime(generation.Attached ? generation.Output.LastRead : generation.HandedOff, now);
                if (idle >= timeout) Drop(generation, new OutputOutcome(null, new LeaseExpiredException(generation.Lease.Id, timeout)));
                else if (next is null || timeout - idle < next) next = timeout - idle;
            }

            return next;
        }
    }

    private void Start(string phase, LaneQueue lane, Func<Step?> next)
    {
        threads++;
        new Thread(() => Drive(lane, next)) { IsBackground = true, Name = $"Splitwiser {phase}" }.Start();
    }

    /// <summary>A lane's life: launch while the queue has room, read the oldest step when it has none, sleep when there is nothing to do.</summary>
    private void Drive(LaneQueue lane, Func<Step?> next)
    {
        try
        {
            while (true)
            {
                Step? step;
                lock (gate)
                {
                    while (true)
                    {
                        if (fault is not null) return;
                        step = next();
                        if (step is not null || lane.InFlight > 0) break;
                        Monitor.Wait(gate);
                    }
                }

                if (step is not null)
                {
                    step.Result = Runner.Run(step.Lane, step.Plan);
                    if (!lane.IsFull) continue;
                }

                var oldest = lane.Oldest;
                oldest.Result!.Wait();
                lock (gate)
                {
                    if (fault is not null) return;
                    scheduler.Apply(oldest);
                    lane.MarkRead();
                    foreach (var generation in oldest.Prompts)
                        if (generation.IsHandedOff) deadlines.Expect(Options.HandoffTimeout);
                    Changed();
                }
            }
        }
        catch (Exception exception)
        {
            Log.DeviceFailed(logger, exception, Runner.Info.DeviceName);
            Close(exception as DeviceFaultException ?? new DeviceFaultException($"{Runner.Info.DeviceName} failed: {exception.Message}", exception));
        }
        finally
        {
            LaneStopped();
        }
    }

    private void Close(DeviceFaultException reason)
    {
        lock (gate)
        {
            if (fault is not null) return;
            fault = reason;
            foreach (var generation in generations.Values) generation.Conclude(new OutputOutcome(null, reason));
            foreach (var idle in draining) idle.TrySetException(reason);
            Monitor.PulseAll(gate);
        }
    }

    private void LaneStopped()
    {
        lock (gate)
        {
            if (--threads > 0) return;
            scheduler.Abandon();
            generations.Clear();
            closed.TrySetResult();
        }

        deadlines.Dispose();
    }
}
