using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// What is to be prefilled, in its order: prompts and preempted sequences that wait for pages, and those that have them; and how fast that
/// goes. Guarded by the device's lock.
/// </summary>
internal sealed class Prompts(PagePool pool, HostTier? tier, Counters counters, TimeProvider time)
{
    private const int Lookahead = 64;                       // of those waiting, how many may be passed by for the sake of the cache

    private readonly PromptQueue waiting = new();           // Queued and Preempted
    private readonly PromptQueue prefilling = new();        // Restoring and Prefilling
    private readonly QueuePace pace = new(time);

    public IReadOnlyList<Generation> Waiting => waiting;
    public IReadOnlyList<Generation> Prefilling => prefilling;

    public int Count => waiting.Count + prefilling.Count;

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
            foreach (var generation in waiting) tokens += Left(generation);
            foreach (var generation in prefilling) tokens += Left(generation);
            return tokens;
        }
    }

    /// <summary>The same without those of the prompt that comes last: what it waits for before its own turn.</summary>
    public int TokensBeforeLast => Count == 0 ? 0 : QueuedTokens - Left(waiting.Count > 0 ? waiting[^1] : prefilling[^1]);

    /// <summary>One of them has a second token to come.</summary>
    public bool GoOn
    {
        get
        {
            for (var i = 0; i < prefilling.Count; i++)
                if (prefilling[i].Request.MaxTokens > 1) return true;
            foreach (var generation in waiting)
                if (generation.Request.MaxTokens > 1) return true;
            return false;
        }
    }

    /// <summary>Positions before those that are computed next.</summary>
    public int NextOffset => prefilling.Count > 0 ? prefilling[0].Launched : waiting.Count > 0 ? waiting[0].Expected : 0;

    /// <summary>A new one waits.</summary>
    public void Enqueue(Generation generation)
    {
        var cached = Expect(generation);
        generation.Rank = generation.Request.IsResumed
            ? PrefillPolicy.UnderWay(generation.Number)
            : PrefillPolicy.Fresh(generation.Tokens.Length - cached, counters.PrefilledTokens, generation.Number, generation.Request.Priority);
        waiting.Add(generation);
    }

    /// <summary>One that lost its pages waits again.</summary>
    public void Return(Generation generation)
    {
        generation.Rank = PrefillPolicy.UnderWay(generation.Number);
        generation.Expected = 0;
        waiting.Add(generation);
    }

    /// <summary>
    /// What a prompt would have to wait for, others of its call left out: all of its priority and of higher ones, also those whose rank it goes before,
    /// for they would wait for it.
    /// </summary>
    public QueueAhead Ahead(PromptRequest request, int freeSeats)
    {
        var (prompts, tokens) = (0, 0L);
        foreach (var generation in waiting)
        {
            if (!Counts(generation)) continue;
            prompts++;
            tokens += Left(generation);
        }

        foreach (var generation in prefilling)
            if (Counts(generation)) tokens += Left(generation);
        return new(prompts, tokens, pace.IsBlocked ? 0 : freeSeats, pace.SecondsPerToken, pace.SecondsPerPlace);

        bool Counts(Generation generation) => (generation.Rank.UnderWay || generation.Request.Priority <= request.Priority) && !generation.IsOf(request.Call);
    }

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

    /// <summary>The one that comes next found no seat, or no pages.</summary>
    public void Blocked(long now) => pace.Blocked(now);

    /// <summary>It found them.</summary>
    public void Placed(Generation generation, long now)
    {
        pace.Placed(now);
        if (prefilling.Count == 0) pace.PrefillBegins(now);
        LeaveQueue(generation);
    }

    /// <summary>And has begun.</summary>
    public void Begin(Generation generation) => prefilling.Add(generation);

    public void LeaveQueue(Generation generation)
    {
        waiting.Remove(generation);
        if (waiting.Count == 0) pace.QueueIsEmpty();
    }

    /// <summary>It decodes from now on, or leaves.</summary>
    public void LeavePrefill(Generation generation) => prefilling.Remove(generation);

    /// <summary>A step of the prefilling ones was read.</summary>
    /// <param name="tokens">That they have more than before.</param>
    public void Prefilled(int tokens, long now) => pace.Prefilled(tokens, now);

    public void Clear()
    {
        waiting.Clear();
        prefilling.Clear();
    }

    /// <summary>Tokens of one that are not computed yet; of one that waits, those that the cache is not expected to have.</summary>
    private static int Left(Generation generation) =>
        generation.Tokens.Length - (generation.Phase is SequencePhase.Queued or SequencePhase.Preempted ? generation.Expected : generation.Computed);

    private bool FollowsOnePrefilling(Generation generation)
    {
        foreach (var other in prefilling)
        {
            var page = other.Computed / PageId.Size;    // the first that is not in the cache yet
            if (page < other.PrefixHashes.Length && page < generation.PrefixHashes.Length && other.PrefixHashes[page] == generation.PrefixHashes[page]) return true;
        }

        return false;
    }

    /// <summary>Tokens of a prompt that the cache and main memory have now.</summary>
    private int Expect(Generation generation)
    {
        var cached = pool.CachedTokens(generation.Tokens, generation.PrefixHashes.AsSpan(), generation.Lease.Salt);
        return generation.Expected = cached + (tier?.HeldTokens(generation, cached) ?? 0);
    }
}
