using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// Moves pages between a device's pool and main memory: cold ones out before they are reused, those of a prompt that begins with them back
/// in. Decides and keeps the books, under the device's lock; the copies themselves are made by others, and answered by <see cref="Complete"/>.
/// </summary>
internal sealed class HostTier(PagePool pool, HostPool host, Counters counters)
{
    private const int PagesPerCopy = 32;                    // so that the first pages are free before the last are copied
    private const double Fade = 0.8;
    private const double Doubt = 0.95;                      // each time copying seems too slow, the measurement is believed a little less

    private readonly List<PageCopy> leaving = [];           // scratch
    private readonly HostPageId[] found = new HostPageId[pool.Total];
    private readonly Queue<CopyJob> outs = [], ins = [];
    private int pagesAhead;                                 // of copies in that are not done
    private double? secondsPerPage;                         // of copies in

    /// <summary>Copies wait to be made.</summary>
    public event Action? Begun;

    /// <summary>The main memory that the options ask for; null for none.</summary>
    /// <exception cref="HostTierException">The runner has not so much, or there is no cache that could use it.</exception>
    public static HostPool? PoolFor(DeviceOptions options, RunnerInfo runner)
    {
        if (options.HostPages == 0) return null;
        if (!options.PrefixCaching) throw new HostTierException("Main memory behind the pool keeps what the prefix cache has no room for, and prefix caching is off.");
        return runner.HostPageCount >= options.HostPages ? new HostPool(options.HostPages)
            : throw new HostTierException($"{runner.DeviceName} has {runner.HostPageCount} pages of main memory behind its pool, not {options.HostPages}.");
    }

    /// <summary>The next copies of a direction; null for none.</summary>
    public CopyJob? Next(CopyDirection direction) => (direction == CopyDirection.Out ? outs : ins).TryDequeue(out var job) ? job : null;

    /// <summary>Keeps some pages free, giving the coldest of the cache to main memory.</summary>
    public void KeepReady(int running)
    {
        var wanted = OffloadPolicy.Wanted(pool.Total, pool.Free, pool.Leaving, pool.Available, running);
        if (wanted > 0) Offload(wanted);
    }

    /// <summary>Gives the coldest cached pages to main memory; returns how many there are fewer in the cache.</summary>
    public int Offload(int pages)
    {
        var taken = pool.Vacate(pages, leaving);
        Send();
        return taken;
    }

    /// <summary>False while a prompt does well to wait: for pages that are being freed, or for those of its own that are on their way out.</summary>
    public bool IsReadyFor(Generation generation, int pageCount, int spare)
    {
        var tokens = generation.Tokens;
        var ready = pool.MakeRoom(tokens, generation.PrefixHashes.AsSpan(), generation.Lease.Salt, pageCount, spare, leaving);
        Send();
        if (!ready) return false;
        var cached = pool.CachedTokens(tokens, generation.PrefixHashes.AsSpan(), generation.Lease.Salt) / PageId.Size;
        Match(generation, cached, out ready);
        return ready;
    }

    /// <summary>Tokens that main memory has of a prompt, behind those that the cache has.</summary>
    public int HeldTokens(Generation generation, int cachedTokens) => Match(generation, cachedTokens / PageId.Size, out _) * PageId.Size;

    /// <summary>Begins to fill a fresh lease's pages behind those from the cache, as far as main memory has them and copying them pays.</summary>
    /// <returns>False when it does not: then they are computed.</returns>
    public bool TryRestore(Generation generation)
    {
        var first = generation.Lease.FromCache;
        var count = Match(generation, first, out var ready);
        if (count == 0 || !ready) return false;
        if (!RestorePolicy.Restores(count, pagesAhead, secondsPerPage, counters.SecondsPerPromptToken))
        {
            secondsPerPage *= Doubt;
            return false;
        }

        var copies = new PageCopy[count];
        for (var i = 0; i < count; i++)
        {
            host.BeginRead(found[i]);
            copies[i] = new PageCopy(generation.Lease.Pages[first + i], found[i]);
        }

        pagesAhead += count;
        ins.Enqueue(new CopyJob(CopyDirection.In, copies, generation));
        Begun?.Invoke();
        return true;
    }

    /// <summary>Copies were made.</summary>
    public void Complete(CopyJob job, TimeSpan duration)
    {
        if (job.Direction == CopyDirection.Out)
        {
            foreach (var copy in job.Copies) pool.Vacated(copy);
            counters.PagesCopiedOut += job.Copies.Length;
            return;
        }

        for (var i = job.Copies.Length - 1; i >= 0; i--) host.EndRead(job.Copies[i].HostPage);     // ends of chains become old before their beginnings
        pagesAhead -= job.Copies.Length;
        var seconds = duration.TotalSeconds / job.Copies.Length;
        secondsPerPage = secondsPerPage is { } known ? Fade * known + (1 - Fade) * seconds : seconds;
        counters.PagesCopiedIn += job.Copies.Length;
    }

    private int Match(Generation generation, int cachedPages, out bool ready)
    {
        var usable = (generation.Tokens.Length - 1) / PageId.Size;      // the last token is computed: the next one is sampled from it
        var digests = generation.PrefixDigests.AsSpan();
        return host.Match(digests[Math.Min(cachedPages, digests.Length)..Math.Min(usable, digests.Length)], found, out ready);
    }

    private void Send()
    {
        if (leaving.Count == 0) return;
        foreach (var copies in leaving.Chunk(PagesPerCopy)) outs.Enqueue(new CopyJob(CopyDirection.Out, copies));
        leaving.Clear();
        Begun?.Invoke();
    }
}
