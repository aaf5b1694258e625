using System.Collections.Immutable;
using Splitwiser.Gpu.Kv;
using Splitwiser.Grains;
using Splitwiser.Silo.Hosting;
using Splitwiser.Silo.Http;
using Splitwiser.Silo.Metrics;

namespace Splitwiser.Silo.Page;

/// <summary>GET /api/live, once a second for each page that is open: polled rather than streamed, so that it carries the API key and holds no drain up.</summary>
internal sealed class LiveEndpoint(ChatPrompts chats, ServedModel model, LocalDevices devices, RequestMetrics requests, MeterTotals totals, Drain drain, TimeProvider time) : IEndpoint
{
    /// <summary>Most requests that are told of one by one.</summary>
    private const int MaxRequests = 64;

    private readonly Guid started = Guid.NewGuid();
    private readonly long start = time.GetTimestamp();

    public Task Handle(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return JsonOut.Write(context, Now(), PageJson.Default.LiveState);
    }

    private LiveState Now()
    {
        var all = devices.All;
        var statistics = all.Select(device => device.Statistics).ToList();
        var loads = all.Select(device => device.Load).ToList();
        var pages = all.Select(device => device.Pages).ToList();
        var host = all.Select(device => device.HostPages).ToList();
        return new()
        {
            Started = started,
            At = time.GetElapsedTime(start).TotalSeconds,
            Draining = drain.IsDraining,
            Model = model.Name,
            ChatProblem = chats.Problem,
            Devices = [.. from device in devices.Each
                          let worker = device.Worker
                          where worker is not null
                          select new LiveDevice(device.Key, worker.Runner.Info.DeviceName, worker.Options.Mode.ToString().ToLowerInvariant(), worker.IsOpen)],
            Running = loads.Sum(load => load.Running),
            Waiting = loads.Sum(load => load.Waiting),
            Pages = new(pages.Sum(pool => pool.Free), pages.Sum(pool => pool.Leased), pages.Sum(pool => pool.Cached), pages.Sum(pool => pool.Total),
                pages.Sum(pool => pool.Pinned), host.Sum(pool => pool.Used), host.Sum(pool => pool.Total)),
            PageTokens = PageId.Size,
            PhaseSeconds = new(
                statistics.Sum(device => device.PrefillSteps.Time.TotalSeconds),
                statistics.Sum(device => device.DecodeSteps.Time.TotalSeconds),
                statistics.Sum(device => device.MixedSteps.Time.TotalSeconds)),
            Processors = new(
                statistics.Select(device => device.PrefillSteps.Processors).DefaultIfEmpty().Max(),
                statistics.Select(device => device.DecodeSteps.Processors).DefaultIfEmpty().Max(),
                statistics.Select(device => device.MixedSteps.Processors).DefaultIfEmpty().Max()),
            Generated = statistics.Sum(device => device.GeneratedTokens),
            PrefixQueries = statistics.Sum(device => device.PrefixQueryTokens),
            PrefixHits = statistics.Sum(device => device.PrefixHitTokens),
            Handoffs = statistics.Sum(device => device.Handoffs),
            CopiedBytes = all.Zip(statistics, (device, counted) => counted.HandoffPagesCopied * device.Runner.Info.PageBytes).Sum(),
            Ttft = Of(totals.Histogram("splitwiser.time_to_first_token")),
            Itl = Of(totals.Histogram("splitwiser.inter_token_latency")),
            Requests = [.. requests.Open().Take(MaxRequests).Select(Of)],
        };
    }

    private static LiveHistogram Of(Latencies latencies)
    {
        var cumulative = latencies.Read().Cumulative;
        return new(
            [.. cumulative.SkipLast(1).Select(bucket => bucket.Bound)],
            [.. cumulative.Select((bucket, i) => bucket.Count - (i == 0 ? 0 : cumulative[i - 1].Count))]);
    }

    private static LiveRequest Of(RunningRequest request) => new(
        request.Id.ToString("N")[..8], request.Device is null ? "prefill" : "decode", request.Device, request.PromptTokens, request.OutputTokens, request.Age.TotalSeconds);
}
