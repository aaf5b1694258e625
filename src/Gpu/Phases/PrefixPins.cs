using Splitwiser.Gpu.Kv;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Phases;

/// <summary>Computes prefixes and keeps them in the cache.</summary>
/// <param name="gate">The device's lock, which guards the pool.</param>
internal sealed class PrefixPins(object gate, PagePool pool, DeviceWorker worker)
{
    private const int Attempts = 3;     // a crowded device may reuse the pages before they are pinned

    /// <summary>Pages that may be pinned: what the options say, as long as a sequence of the full length still fits beside them.</summary>
    private int Limit => Math.Min(worker.Options.MaxPinnedPages, pool.Total - AdmissionPolicy.PagesFor(worker.ContextLength));

    public async Task<PrefixPin> Pin(ReadOnlyMemory<int> prefix, string? cacheSalt, CancellationToken cancellationToken)
    {
        if (!worker.Options.PrefixCaching) throw new DeviceRefusedException(DeviceRefusal.Unserved, "The device caches no prefixes.");
        var pages = prefix.Length / PageId.Size;
        if (pages == 0) throw new DeviceRefusedException(DeviceRefusal.Invalid, $"A prefix of {prefix.Length} tokens fills no page of {PageId.Size}.");
        var tokens = prefix[..(pages * PageId.Size)];
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (Find(tokens, cacheSalt) is { } pin) return new PrefixPin(pin.Number, tokens.Length, pages);
            var request = new PromptRequest { Tokens = tokens, OutputStart = tokens.Length, MaxTokens = 1, Sampling = SamplingParams.Greedy, CacheSalt = cacheSalt };
            worker.Release((await worker.Prefill(request, cancellationToken)).Lease);
        }

        return Find(tokens, cacheSalt) is { } last ? new PrefixPin(last.Number, tokens.Length, pages)
            : throw new DeviceRefusedException(DeviceRefusal.QueueFull, "The device is too crowded to keep the prefix until it is pinned.", TimeSpan.FromSeconds(1));
    }

    /// <summary>Pins what the cache has; null when it has not all.</summary>
    private PagePin? Find(ReadOnlyMemory<int> tokens, string? cacheSalt)
    {
        var salt = RopeRange.Salt(worker.Runner.Model.Rope, cacheSalt, tokens.Length);
        var hashes = PrefixHash.Of(tokens.Span, salt);
        lock (gate)
        {
            var pinned = pool.Accounts.Pinned + pool.UnpinnedPages(tokens.Span, hashes.AsSpan(), salt);
            if (pinned > Limit)
            {
                throw new DeviceRefusedException(
                    DeviceRefusal.PinLimit,
                    $"{pinned} pages would be pinned, and at most {Math.Max(0, Limit)} may be: {worker.Options.MaxPinnedPages} by the options, and a sequence of {worker.ContextLength} tokens must still fit into the {pool.Total} pages.");
            }

            return pool.TryPin(tokens.Span, hashes.AsSpan(), salt, out var pin) ? pin : null;
        }
    }
}
