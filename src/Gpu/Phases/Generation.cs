using System.Collections.Immutable;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Phases;

/// <summary>One request on its way through the device: its place in the order, its pages, what of it is in flight and where its output goes. Guarded by the device's lock.</summary>
internal sealed class Generation(PromptRequest request, PageLease lease, PrefixKeys keys, long arrived, OutputGrammar? grammar = null)
{
    private readonly TaskCompletionSource<Handoff> handoff = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PageId[] prefilledInto = [];    // the page table that the prefill lane writes through
    private bool concluded;
    private long admitted;      // timestamp of the first pages
    private int cachedLength;   // prompt tokens that the first lease found in the cache, or in main memory

    public PromptRequest Request { get; } = request;
    public PageLease Lease { get; } = lease;

    /// <summary>What the output keeps to; null for nothing.</summary>
    public OutputGrammar? Grammar { get; } = grammar;

    /// <summary>The next token may be sampled, as far as the grammar is concerned: all tokens before it are read, and their mask is there.</summary>
    public bool MaySample => Grammar is not { FollowsOutput: true } || (Ahead == 0 && Grammar.IsReady);

    public long Number => Lease.Id.Number;
    public Task<Handoff> Handoff => handoff.Task;

    /// <summary>Of the Prefill call. Let go by Unregister, never by Dispose: that waits for a callback which may wait for the lock.</summary>
    public CancellationTokenRegistration Cancellation { get; set; }

    public SequencePhase Phase { get; private set; } = SequencePhase.Queued;

    /// <summary>Its place in the order of prefill.</summary>
    public PrefillRank Rank { get; set; }

    /// <summary>Its pages hold keys turned by the frequencies for long sequences.</summary>
    public bool IsExtended { get; set; }

    /// <summary>Chained hashes of the full pages of what is to prefill.</summary>
    public ImmutableArray<ulong> PrefixHashes { get; private set; } = keys.Hashes;

    /// <summary>The same for main memory; empty where there is none.</summary>
    public ImmutableArray<PrefixDigest> PrefixDigests { get; private set; } = keys.Digests;

    /// <summary>Tokens that the cache had for it when it began to wait.</summary>
    public int Expected { get; set; }

    /// <summary>What the runner reads; made when the first pages are leased.</summary>
    public Sequence? Sequence { get; private set; }

    /// <summary>Where readers find the output; made with the sequence.</summary>
    public OutputBuffer? Output { get; private set; }

    /// <summary>Positions whose keys and values are in the pages, as far as the host has read.</summary>
    public int Computed { get; set; }

    /// <summary>Prompt positions that were given to the prefill lane.</summary>
    public int Launched { get; set; }

    /// <summary>Steps in flight that sample a token of it.</summary>
    public int Ahead { get; set; }

    /// <summary>All of its prompt was given to the prefill phase, and the token after it is under way.</summary>
    public bool IsSampled => Phase == SequencePhase.Prefilling && Ahead > 0;

    /// <summary>Steps in flight that touch its pages, and the lane they are in.</summary>
    public int InFlight { get; set; }

    public Lane InFlightLane { get; set; }

    /// <summary>Number of the last step of its lane that it took part in.</summary>
    public long LastStep { get; set; }

    /// <summary>Tokens that may enter the prefix cache when it ends; null for what the request allows.</summary>
    public int? AcceptedLength { get; set; }

    /// <summary>It had other pages before these.</summary>
    public bool WasPreempted { get; private set; }

    /// <summary>Timestamps of the handoff, for its timeout, and of the last token.</summary>
    public long HandedOff { get; private set; }

    public long LastToken { get; set; }

    /// <summary>A reader has attached at least once.</summary>
    public bool Attached { get; set; }

    public long Arrived { get; } = arrived;

    public ReadOnlySpan<int> Tokens => Sequence is null ? Request.Tokens.Span : Sequence.Tokens;

    public int OutputCount => Tokens.Length - Request.OutputStart;

    /// <summary>It belongs to this call.</summary>
    public bool IsOf(Guid? call) => call is not null && Request.Call == call;

    public bool IsHandedOff => handoff.Task.IsCompletedSuccessfully;

    /// <summary>For how long nobody has shown interest in the output; none while a reader waits for it.</summary>
    public TimeSpan Unread(TimeProvider time) =>
        Output?.Reader is { IsWaiting: true } ? TimeSpan.Zero : time.GetElapsedTime(Attached ? Output!.LastRead : HandedOff);

    public void MoveTo(SequencePhase phase) => Phase = Phase.To(phase);

    /// <summary>It was preempted, and what the cache is asked for has grown by its output.</summary>
    public void Rekey(PrefixKeys others)
    {
        Lease.Rekey(others.Salt);
        (PrefixHashes, PrefixDigests) = (others.Hashes, others.Digests);
    }

    /// <summary>Starts the sequence on its first pages, or again on others after a preemption; in the phase Restoring when more of them are being copied.</summary>
    public void Begin(Sequence sequence, long now, bool restores = false)
    {
        WasPreempted = Sequence is not null;
        if (Sequence is null)
        {
            admitted = now;
            cachedLength = Lease.FromCache * PageId.Size;
            Output = new OutputBuffer(sequence);
            Sequence = sequence;
            Lease.Reserve(AdmissionPolicy.PagesFor(sequence.Capacity));
        }

        prefilledInto = Lease.Pages.ToArray();
        foreach (var page in prefilledInto) sequence.AddPage(page);
        Computed = Launched = Lease.FromCache * PageId.Size;
        MoveTo(restores ? SequencePhase.Restoring : SequencePhase.Prefilling);
    }

    /// <summary>Pages behind those from the cache were copied from main memory.</summary>
    public void Restored(int pages)
    {
        Computed = Launched = Computed + pages * PageId.Size;
        if (!WasPreempted) cachedLength += pages * PageId.Size;
    }

    /// <summary>Starts the token phase; counts the pages that decode reads elsewhere than prefill wrote them: none, for a handoff that copies nothing.</summary>
    public int StartDecoding()
    {
        var moved = 0;
        for (var i = 0; i < prefilledInto.Length; i++)
            if (i >= Sequence!.PageCount || Sequence.Pages[i] != prefilledInto[i]) moved++;
        prefilledInto = [];
        return moved;
    }

    public void Append(TokenLogprob token, ReadOnlySpan<TokenLogprob> top) => Output!.Append(token, top);

    /// <summary>Answers the Prefill call: the first token is known.</summary>
    public void CompleteHandoff(TimeProvider time, long now)
    {
        HandedOff = now;
        Cancellation.Unregister();
        handoff.TrySetResult(new Handoff(
            Lease.Id, Request.Tokens.Length, cachedLength, time.GetElapsedTime(Arrived, admitted), time.GetElapsedTime(admitted, now)));
    }

    /// <summary>Ends the output, and the Prefill call if it still waits. False when an outcome was known already.</summary>
    public bool Conclude(OutputOutcome outcome)
    {
        if (concluded) return false;
        concluded = true;
        Output?.Complete(outcome);
        if (handoff.Task.IsCompleted) return true;
        Cancellation.Unregister();
        handoff.TrySetException(outcome.Failure ?? new OperationCanceledException("The lease was released before its handoff."));
        return true;
    }

    /// <summary>Answers the Prefill call as cancelled.</summary>
    public void CancelHandoff(CancellationToken cancellationToken) => handoff.TrySetCanceled(cancellationToken);
}
