using Splitwiser.Gpu.Kv;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// Every sequence of the device and its moves between the phases, the same in every mode. Knows no threads: the device's lock guards it.
/// Pages go back only when no step in flight touches them, so a sequence that must leave while one does is Preempting or Ending until that
/// step was read.
/// </summary>
internal sealed class Scheduler
{
    private readonly TimeProvider time;
    private readonly Counters counters;
    private readonly RopeConfig? rope;                      // null where positions are learned
    private readonly HostTier? tier;                        // null without main memory behind the pool
    private readonly Seats seats;
    private readonly List<Generation> decoding;             // oldest first
    private readonly long[] numbers;                        // (maxRunning) scratch of TryGrow

    public Scheduler(PagePool pool, DeviceOptions options, int contextLength, int maxRunning, TimeProvider time, Counters counters, RopeConfig? rope = null, HostTier? tier = null)
    {
        Pool = pool;
        this.tier = tier;
        this.time = time;
        this.counters = counters;
        this.rope = rope;
        seats = new Seats(maxRunning, contextLength);
        decoding = new List<Generation>(maxRunning);
        numbers = new long[maxRunning];
        Prompts = new Prompts(pool, tier, counters, time);
        Departures = new Departures(pool, Prompts, seats, options, rope);
    }

    /// <summary>A lane has preempted a sequence, or let one go, while it planned a step: the other lane may have work, and a drain may be complete.</summary>
    public event Action? Moved;

    public PagePool Pool { get; }

    /// <summary>Those that wait, or prefill.</summary>
    public Prompts Prompts { get; }

    /// <summary>Those that leave.</summary>
    public Departures Departures { get; }

    public IReadOnlyList<Generation> Prefilling => Prompts.Prefilling;
    public IReadOnlyList<Generation> Decoding => decoding;

    public int Running => Prefilling.Count + decoding.Count;

    /// <summary>No sequence waits, runs or leaves.</summary>
    public bool IsIdle => Prompts.Count + decoding.Count + Departures.Count == 0;

    /// <summary>Prompts wait, or are not computed to their end.</summary>
    public bool HasPrefillWork => Prompts.Count > Sampled;

    /// <summary>Prompts that will decode with the step that samples their first token.</summary>
    public int Sampled
    {
        get
        {
            var count = 0;
            for (var i = 0; i < Prefilling.Count; i++) count += Prefilling[i].IsSampled ? 1 : 0;
            return count;
        }
    }

    /// <summary>Prompt tokens that are not computed yet.</summary>
    public int QueuedTokens => Prompts.QueuedTokens;

    /// <summary>Tokens in the contexts of the sequences that decode, or will with their first token.</summary>
    public long DecodingContext
    {
        get
        {
            var tokens = 0L;
            foreach (var generation in decoding) tokens += generation.Tokens.Length;
            for (var i = 0; i < Prefilling.Count; i++) tokens += Prefilling[i].IsSampled ? Prefilling[i].Tokens.Length : 0;
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

    public void Enqueue(Generation generation) => Prompts.Enqueue(generation);

    /// <summary>What a prompt would have to wait for.</summary>
    public QueueAhead Ahead(PromptRequest request) => Prompts.Ahead(request, seats.Free);

    /// <summary>A prompt of the call waits or runs here.</summary>
    public bool Holds(Guid? call) =>
        call is not null && (Prompts.Waiting.Any(generation => generation.IsOf(call)) || Prefilling.Any(generation => generation.IsOf(call)) || decoding.Exists(generation => generation.IsOf(call)));

    /// <summary>The waiting sequence that comes next.</summary>
    public Generation? Next() => Prompts.Next();

    /// <summary>Leases all pages of a waiting sequence and makes it prefill; false when seats or pages are short.</summary>
    public bool TryAdmit(Generation generation)
    {
        var tokens = generation.Tokens;
        var now = time.GetTimestamp();
        var (pages, spare) = (AdmissionPolicy.PagesFor(tokens.Length), AdmissionPolicy.Spare(Running));
        if ((generation.Sequence is null && seats.Free == 0)
            || tier?.IsReadyFor(generation, pages, spare) == false
            || !Pool.TryLease(generation.Lease, tokens, generation.PrefixHashes.AsSpan(), pages, spare))
        {
            Prompts.Blocked(now);
            return false;
        }

        Prompts.Placed(generation, now);
        if (generation.Sequence is null) counters.Admitted(tokens.Length, generation.Lease.FromCache * PageId.Size);
        generation.IsExtended = rope?.IsExtended(tokens.Length) == true;
        var restores = tier?.TryRestore(generation) == true;
        generation.Begin(generation.Sequence ?? seats.Take(generation.Request, generation.Grammar), now, restores);
        if (restores) generation.InFlight++;
        Prompts.Begin(generation);
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
        Departures.Publish(generation, generation.AcceptedLength ?? generation.Computed);      // all of it had been published when it was copied out
        if (generation.Phase == SequencePhase.Restoring) generation.MoveTo(SequencePhase.Prefilling);
        Departures.Settle(generation);
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
            else if (Departures.Count + Pool.Leaving > 0) return false;
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

    /// <summary>The handoff: decode owns the pages from here on. Nothing is copied, the page table stays as it is.</summary>
    public void HandOver(Generation generation)
    {
        var started = time.GetTimestamp();
        Prompts.LeavePrefill(generation);
        var index = decoding.Count;
        while (index > 0 && decoding[index - 1].Number > generation.Number) index--;
        decoding.Insert(index, generation);
        generation.MoveTo(SequencePhase.Decoding);
        counters.Handoffs++;
        counters.HandoffTime.Observe(time.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>Called with every step of a decoding sequence; compares, at its first, the pages that it reads with those that were prefilled.</summary>
    public void StartDecoding(Generation generation) => counters.HandoffPagesCopied += generation.StartDecoding();

    /// <summary>A chunk that held the sequence's pages between its steps is over.</summary>
    public void LetGo(Generation generation)
    {
        generation.InFlight--;
        Departures.Settle(generation);
        Moved?.Invoke();
    }

    /// <summary>Ends a sequence in whatever phase it is; nothing happens when it has ended already.</summary>
    public void End(Generation generation, OutputOutcome outcome)
    {
        if (generation.Conclude(outcome)) counters.Ended(outcome);
        switch (generation.Phase)
        {
            case SequencePhase.Queued or SequencePhase.Preempted:
                Prompts.LeaveQueue(generation);
                Departures.End(generation);
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
        Prompts.Clear();
        decoding.Clear();
        Departures.Clear();
    }

    /// <summary>Throws InvalidOperationException when a running sequence's page table is not its lease's.</summary>
    public void CheckInvariants()
    {
        foreach (var generation in Prefilling.Concat(decoding))
            if (!generation.Sequence!.Pages.SequenceEqual(generation.Lease.Pages))
                throw new InvalidOperationException($"The page table of lease {generation.Number} is not what it leased.");
        if (IsIdle && Pool.Accounts.Leased > 0) throw new InvalidOperationException($"The device is idle and {Pool.Accounts.Leased} pages are leased.");
    }

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

    private Generation RunningAt(int index) => index < decoding.Count ? decoding[index] : Prefilling[index - decoding.Count];

    private void Leave(Generation generation, SequencePhase to)
    {
        if (generation.Phase is SequencePhase.Restoring or SequencePhase.Prefilling) Prompts.LeavePrefill(generation);
        else if (generation.Phase == SequencePhase.Decoding) decoding.Remove(generation);
        Departures.Begin(generation, to);
    }
}
