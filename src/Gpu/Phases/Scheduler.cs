using Splitwiser.Gpu.Kv;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// Every sequence of the device and its moves between the phases. Ordering and admission are here, and the same in every mode.
/// Knows no threads: the device's lock guards it. Pages go back only when no step in flight touches them, so a sequence that must
/// leave while one does is Preempting or Ending until that step was read.
/// </summary>
internal sealed class Scheduler
{
    private const int Lookahead = 64;                       // of those waiting, how many may be passed by for the sake of the cache

    private readonly DeviceOptions options;
    private readonly TimeProvider time;
    private readonly Counters counters;
    private readonly Stack<int> seats;                      // slots that no sequence has
    private readonly RopeConfig? rope;                      // null where positions are learned
    private readonly HostTier? tier;                        // null without main memory behind the pool
    private readonly PromptQueue waiting = new();           // Queued and Preempted
    private readonly PromptQueue prefilling = new();
    private readonly List<Generation> decoding;             // oldest first
    private readonly int contextLength;
    private readonly long[] numbers;                        // (maxRunning) scratch of TryGrow
    private readonly QueuePace pace;
    private int leaving;                                    // Preempting and Ending

    public Scheduler(PagePool pool, DeviceOptions options, int contextLength, int maxRunning, TimeProvider time, Counters counters, RopeConfig? rope = null, HostTier? tier = null)
    {
        Pool = pool;
        this.tier = tier;
        this.options = options;
        this.contextLength = contextLength;
        this.time = time;
        this.counters = counters;
        this.rope = rope;
        pace = new QueuePace(time);
        seats = new Stack<int>(Enumerable.Range(0, maxRunning).Reverse());
        decoding = new List<Generation>(maxRunning);
        numbers = new long[maxRunning];
    }

    /// <summary>A lane has preempted a sequence, or let one go, while it planned a step: the other lane may have work, and a drain may be complete.</summary>
    public event Action? Moved;

    /// <summary>The mask of a sequence's next token was worked out, or that has failed. Not under the lock.</summary>
    public event Action<Generation, Exception?>? MaskPrepared;

    public PagePool Pool { get; }

    public IReadOnlyList<Generation> Waiting => waiting;
    public IReadOnlyList<Generation> Prefilling => prefilling;
    public IReadOnlyList<Generation> Decoding => decoding;

    public int Running => prefilling.Count + decoding.Count;

    /// <summary>No sequence waits, runs or leaves.</summary>
    public bool IsIdle => waiting.Count + Running + leaving == 0;

    public bool HasPrefillWork => waiting.Count + prefilling.Count > 0;

    /// <summary>Tokens in the contexts of the decoding sequences.</summary>
    public long DecodingContext
    {
        get
        {
            var tokens = 0L;
            foreach (var generation in decoding) tokens += generation.Tokens.Length;
            return tokens;
        }
    }

    /// <summary>A decode step was launched and not read: its sequences' turn comes with their tokens.</summary>
    public bool HasDecodesInFlight
    {
        get
        {
            foreach (var generation in decoding)
                if (generation.Ahead > 0) return true;
            return false;
        }
    }

    /// <summary>Prompts that wait for their first pages here; the preempted stand before them, or among those that are resumed.</summary>
    public int QueuedCount
    {
        get
        {
            var queued = waiting.Count;
            for (var i = 0; i < waiting.Count && waiting[i].Rank.UnderWay; i++)
                if (waiting[i].Phase == SequencePhase.Preempted) queued--;
            return queued;
        }
    }

    /// <summary>Prompt tokens that are not computed yet.</summary>
    public int QueuedTokens
    {
        get
        {
            var tokens = 0;
            foreach (var generation in waiting) tokens += generation.Tokens.Length - generation.Expected;
            foreach (var generation in prefilling) tokens += generation.Tokens.Length - generation.Computed;
            return tokens;
        }
    }

    /// <summary>The same without those of the prompt that comes last: what it waits for before its own turn.</summary>
    public int TokensBeforeLast
    {
        get
        {
            if (waiting.Count > 0) return QueuedTokens - (waiting[^1].Tokens.Length - waiting[^1].Expected);
            return prefilling.Count > 0 ? QueuedTokens - (prefilling[^1].Tokens.Length - prefilling[^1].Computed) : 0;
        }
    }

    public void Enqueue(Generation generation)
    {
        var cached = Expect(generation);
        generation.Rank = generation.Request.IsResumed
            ? PrefillPolicy.UnderWay(generation.Number)
            : PrefillPolicy.Fresh(generation.Tokens.Length - cached, counters.PrefilledTokens, generation.Number, generation.Request.Priority);
        waiting.Add(generation);
    }

    /// <summary>
    /// What a prompt would have to wait for, others of its call left out: all of its priority and of higher ones, also those whose rank it goes before,
    /// for they would wait for it.
    /// </summary>
    public QueueAhead Ahead(PromptRequest request)
    {
        var (prompts, tokens) = (0, 0L);
        foreach (var generation in waiting)
        {
            if (!Counts(generation)) continue;
            prompts++;
            tokens += generation.Tokens.Length - generation.Expected;
        }

        foreach (var generation in prefilling)
            if (Counts(generation)) tokens += generation.Tokens.Length - generation.Computed;
        return new(prompts, tokens, pace.IsBlocked ? 0 : seats.Count, pace.SecondsPerToken, pace.SecondsPerPlace);

        bool Counts(Generation generation) => (generation.Rank.UnderWay || generation.Request.Priority <= request.Priority) && !IsOf(generation, request.Call);
    }

    /// <summary>A prompt of the call waits or runs here.</summary>
    public bool Holds(Guid? call) =>
        call is not null && (waiting.Any(generation => IsOf(generation, call)) || prefilling.Any(generation => IsOf(generation, call)) || decoding.Exists(generation => IsOf(generation, call)));

    /// <summary>Of those that wait for their first pages, the one that would get them last, if it is of a lower priority than this.</summary>
    public Generation? LastBelow(int priority) =>
        waiting.Count > 0 && waiting[^1] is { Phase: SequencePhase.Queued, Rank.UnderWay: false } last && last.Request.Priority > priority ? last : null;

    /// <summary>The waiting sequence that comes next. One whose beginning is being computed for another waits for that: it will find it in the cache.</summary>
    public Generation? Next()
    {
        for (var i = 0; i < waiting.Count && i < Lookahead; i++)
            if (!FollowsOnePrefilling(waiting[i])) return waiting[i];
        return null;
    }

    /// <summary>Leases all pages of a waiting sequence and makes it prefill; false when seats or pages are short.</summary>
    public bool TryAdmit(Generation generation)
    {
        var tokens = generation.Tokens;
        var now = time.GetTimestamp();
        var (pages, spare) = (AdmissionPolicy.PagesFor(tokens.Length), AdmissionPolicy.Spare(Running));
        if ((generation.Sequence is null && seats.Count == 0)
            || tier?.IsReadyFor(generation, pages, spare) == false
            || !Pool.TryLease(generation.Lease, tokens, generation.PrefixHashes.AsSpan(), pages, spare))
        {
            pace.Blocked(now);
            return false;
        }

        pace.Placed(now);
        if (prefilling.Count == 0) pace.PrefillBegins(now);
        NoLongerWaits(generation);
        if (generation.Sequence is null) counters.Admitted(tokens.Length, generation.Lease.FromCache * PageId.Size);
        generation.IsExtended = rope?.IsExtended(tokens.Length) == true;
        var restores = tier?.TryRestore(generation) == true;
        generation.Begin(generation.Sequence ?? NewSequence(generation), now, restores);
        if (restores) generation.InFlight++;
        prefilling.Add(generation);
        return true;
    }

    /// <summary>Copies between the device and main memory were made.</summary>
    public void Apply(CopyJob job, TimeSpan duration)
    {
        tier!.Complete(job, duration);
        if (job.Restored is not { } generation) return;
        generation.InFlight--;
        generation.Restored(job.Copies.Length);
        counters.Restored(job.Copies.Length * PageId.Size, generation.WasPreempted);
        Publish(generation, generation.AcceptedLength ?? generation.Computed);      // all of it had been published when it was copied out
        if (generation.Phase == SequencePhase.Restoring) generation.MoveTo(SequencePhase.Prefilling);
        Settle(generation);
    }

    /// <summary>Makes sure that a decoding sequence has pages for its next step; if need be, the youngest sequence gives up its own.</summary>
    /// <returns>False when it must sit this step out: pages are on their way back, or it was itself the youngest.</returns>
    public bool TryGrow(Generation generation)
    {
        var sequence = generation.Sequence!;
        var needed = AdmissionPolicy.PagesFor(sequence.TokenCount);
        while (sequence.PageCount < needed)
        {
            if (Pool.TryGrow(generation.Lease, out var page)) sequence.AddPage(page);
            else if (leaving + Pool.Leaving > 0) return false;
            else
            {
                var youngest = Youngest();
                Preempt(youngest);
                if (youngest == generation) return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The sequence's next step would turn by other frequencies than its pages were computed with: once its steps were read it gives its
    /// pages up and is prefilled again.
    /// </summary>
    public bool Outgrows(Generation generation)
    {
        if (generation.IsExtended || rope?.IsExtended(generation.Sequence!.TokenCount + generation.Ahead) != true) return false;
        if (generation.InFlight == 0) Preempt(generation);
        return true;
    }

    /// <summary>Called with every step of a decoding sequence; compares, at its first, the pages that it reads with those that were prefilled.</summary>
    public void StartDecoding(Generation generation) => counters.HandoffPagesCopied += generation.StartDecoding();

    /// <summary>Reads a completed step: tokens go out, prompts become decode sequences, pages of those that left go back.</summary>
    public void Apply(Step step)
    {
        var now = time.GetTimestamp();
        var result = step.Result!;
        var row = 0;
        if (step.Prompts.Count > 0) pace.Prefilled(step.EndsChunk ? step.PrefillTokens : 0, now);
        for (var i = 0; i < step.Prompts.Count; i++)
        {
            var segment = step.Plan.Prefill[i];
            var generation = step.Prompts[i];
            generation.InFlight--;
            if (step.EndsChunk)
            {
                generation.Computed = segment.Offset + segment.Count;
                counters.PrefilledTokens += segment.Count;
                if (options.PrefixCaching) Publish(generation, generation.Request.Tokens.Length);
            }

            if (segment.Samples) Accept(generation, result, row++, now);
            Settle(generation);
        }

        for (var i = 0; i < step.Decodes.Count; i++)
        {
            var generation = step.Decodes[i];
            generation.InFlight--;
            generation.Ahead--;
            generation.Computed = step.Plan.Decode[i].Position + 1;
            Accept(generation, result, row++, now);
            Settle(generation);
        }

        counters.Stepped(step);
    }

    /// <summary>A chunk that held the sequence's pages between its steps is over.</summary>
    public void LetGo(Generation generation)
    {
        generation.InFlight--;
        Settle(generation);
        Moved?.Invoke();
    }

    /// <summary>A mask that took its time is there.</summary>
    public void Resume(Generation generation)
    {
        generation.Grammar!.Complete();
        EndIfStuck(generation);
    }

    /// <summary>Ends a sequence in whatever phase it is; nothing happens when it has ended already.</summary>
    public void End(Generation generation, OutputOutcome outcome)
    {
        if (generation.Conclude(outcome)) counters.Ended(outcome);
        switch (generation.Phase)
        {
            case SequencePhase.Queued or SequencePhase.Preempted:
                NoLongerWaits(generation);
                generation.MoveTo(SequencePhase.Ended);
                GiveBack(generation);
                break;
            case SequencePhase.Restoring or SequencePhase.Prefilling or SequencePhase.Decoding or SequencePhase.Preempting:
                Leave(generation, SequencePhase.Ending);
                break;
        }
    }

    /// <summary>The device is closed and no step runs: every page goes back, whatever its sequence was doing.</summary>
    public void Abandon()
    {
        Pool.CloseAll();
        waiting.Clear();
        prefilling.Clear();
        decoding.Clear();
        leaving = 0;
    }

    /// <summary>Throws InvalidOperationException when a running sequence's page table is not its lease's.</summary>
    public void CheckInvariants()
    {
        foreach (var generation in prefilling.Concat(decoding))
            if (!generation.Sequence!.Pages.SequenceEqual(generation.Lease.Pages))
                throw new InvalidOperationException($"The page table of lease {generation.Number} is not what it leased.");
        if (IsIdle && Pool.Accounts.Leased > 0) throw new InvalidOperationException($"The device is idle and {Pool.Accounts.Leased} pages are leased.");
    }

    private static bool IsOf(Generation generation, Guid? call) => call is not null && generation.Request.Call == call;

    private void NoLongerWaits(Generation generation)
    {
        waiting.Remove(generation);
        if (waiting.Count == 0) pace.QueueIsEmpty();
    }

    private bool FollowsOnePrefilling(Generation generation)
    {
        foreach (var other in prefilling)
        {
            var page = other.Computed / PageId.Size;    // the first that is not in the cache yet
            if (page < other.PrefixHashes.Length && page < generation.PrefixHashes.Length && other.PrefixHashes[page] == generation.PrefixHashes[page]) return true;
        }

        return false;
    }

    private Sequence NewSequence(Generation generation)
    {
        var request = generation.Request;
        var longest = Math.Min((long)request.OutputStart + request.MaxTokens, contextLength);
        return new Sequence(seats.Pop(), request.Tokens.Span, request.OutputStart, request.Sampling, (int)longest) { Allowed = generation.Grammar?.Allowed ?? default, Probe = request.Probe };
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
        if (generation.Phase == SequencePhase.Prefilling) HandOver(generation);
        if (!generation.IsHandedOff) generation.CompleteHandoff(time, now);
        else counters.TokenGap.Observe(time.GetElapsedTime(generation.LastToken, now).TotalSeconds);
        generation.LastToken = now;
        if (EndAfter(generation, token.TokenId) is { } end) End(generation, new OutputOutcome(end, null));
        else if (generation.Grammar is { } grammar) Constrain(generation, grammar, token.TokenId);
    }

    private void Constrain(Generation generation, OutputGrammar grammar, int token)
    {
        grammar.Accept(token, error => MaskPrepared?.Invoke(generation, error));
        EndIfStuck(generation);
    }

    /// <summary>The handoff: decode owns the pages from here on. Nothing is copied, the page table stays as it is.</summary>
    private void HandOver(Generation generation)
    {
        var started = time.GetTimestamp();
        prefilling.Remove(generation);
        var index = decoding.Count;
        while (index > 0 && decoding[index - 1].Number > generation.Number) index--;
        decoding.Insert(index, generation);
        generation.MoveTo(SequencePhase.Decoding);
        counters.Handoffs++;
        counters.HandoffTime.Observe(time.GetElapsedTime(started).TotalSeconds);
    }

    private void EndIfStuck(Generation generation)
    {
        if (generation.Grammar is { IsStuck: true } grammar)
            End(generation, grammar.MayEnd ? new OutputOutcome(new SequenceEnd(EndReason.Stop), null) : new OutputOutcome(null, new GrammarStuckException()));
    }

    private static SequenceEnd? EndAfter(Generation generation, int token) =>
        generation.Request.Sampling.EndTokenIds.Contains(token) ? new SequenceEnd(EndReason.Stop, token)
        : generation.Sequence!.TokenCount == generation.Sequence.Capacity ? new SequenceEnd(EndReason.Length)
        : null;

    private void Preempt(Generation generation)
    {
        counters.Preemptions++;
        Leave(generation, SequencePhase.Preempting);
        Moved?.Invoke();
    }

    private Generation Youngest()
    {
        for (var i = 0; i < Running; i++) numbers[i] = RunningAt(i).Number;
        return RunningAt(PreemptionPolicy.Youngest(numbers.AsSpan(0, Running)));
    }

    private Generation RunningAt(int index) => index < decoding.Count ? decoding[index] : prefilling[index - decoding.Count];

    private void Leave(Generation generation, SequencePhase to)
    {
        if (generation.Phase is SequencePhase.Restoring or SequencePhase.Prefilling) prefilling.Remove(generation);
        else if (generation.Phase == SequencePhase.Decoding) decoding.Remove(generation);
        else leaving--;     // Preempting
        leaving++;
        generation.MoveTo(to);
        Settle(generation);
    }

    /// <summary>Completes a leave once no step in flight touches the pages.</summary>
    private void Settle(Generation generation)
    {
        if (generation.InFlight > 0 || generation.Phase is not (SequencePhase.Preempting or SequencePhase.Ending)) return;
        leaving--;
        if (options.PrefixCaching)
            Publish(generation, generation.AcceptedLength ?? (generation.Request.CacheOutput ? generation.Tokens.Length : generation.Request.Tokens.Length));
        if (generation.Phase == SequencePhase.Ending)
        {
            generation.MoveTo(SequencePhase.Ended);
            GiveBack(generation);
            return;
        }

        Pool.Release(generation.Lease);
        generation.Sequence!.DropPages();
        generation.MoveTo(SequencePhase.Preempted);
        generation.Rank = PrefillPolicy.UnderWay(generation.Number);
        generation.Lease.Rekey(RopeRange.Salt(rope, generation.Request.CacheSalt, generation.Tokens.Length));
        var looksUp = options.PrefixCaching && generation.Request.LooksUpPrefix;
        generation.PrefixHashes = looksUp ? PrefixHash.Of(generation.Tokens, generation.Lease.Salt) : [];
        generation.PrefixDigests = looksUp && tier is not null ? PrefixDigest.Of(generation.Tokens, generation.Lease.Salt) : [];
        generation.Expected = 0;
        waiting.Add(generation);
    }

    /// <summary>Tokens of a prompt that the cache and main memory have now.</summary>
    private int Expect(Generation generation)
    {
        var cached = Pool.CachedTokens(generation.Tokens, generation.PrefixHashes.AsSpan(), generation.Lease.Salt);
        return generation.Expected = cached + (tier?.HeldTokens(generation, cached) ?? 0);
    }

    private void GiveBack(Generation generation)
    {
        Pool.Close(generation.Lease);
        if (generation.Sequence is null) return;
        generation.Sequence.DropPages();
        seats.Push(generation.Sequence.Slot);
    }

    private void Publish(Generation generation, int acceptedLength) =>
        Pool.Publish(generation.Lease, generation.Tokens, Math.Min(generation.Computed, acceptedLength));
}
