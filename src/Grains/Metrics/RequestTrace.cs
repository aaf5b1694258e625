using System.Diagnostics;

namespace Splitwiser.Grains;

/// <summary>
/// One request's spans: the request itself, and below it a prefill and a decode on each device that worked on it. The wire's records
/// carry the parent's id (W3C traceparent), for ambient activities follow neither a stream's items nor every engine's calls.
/// Nobody listening costs nothing.
/// </summary>
/// <param name="key">Of the request's grain.</param>
/// <param name="parent">Traceparent of the caller; null for none.</param>
internal sealed class RequestTrace(Guid key, string? parent = null)
{
    public const string SourceName = "Splitwiser";

    private static readonly ActivitySource Source = new(SourceName);
    private Activity? request;

    public Guid Key => key;

    public void Begin()
    {
        request = Source.StartActivity("splitwiser.request", ActivityKind.Internal, Parent(parent));
        request?.SetTag("splitwiser.request.id", key);
    }

    /// <summary>A device's part in the request. Its tags: the device, and what the caller adds.</summary>
    public Activity? Phase(string name, string device)
    {
        var phase = request is null ? null : Source.StartActivity(name, ActivityKind.Client, request.Context);
        phase?.SetTag("splitwiser.device", device);
        return phase;
    }

    public void End(GenerationEnd end) => request?
        .SetTag("gen_ai.usage.input_tokens", end.Usage.Prompt)
        .SetTag("gen_ai.usage.output_tokens", end.Usage.Completion)
        .SetTag("splitwiser.cached_tokens", end.Usage.Cached)
        .SetTag("splitwiser.attempts", end.Timings.Attempts)
        .SetTag("gen_ai.response.finish_reasons", end.Reason.ToString().ToLowerInvariant());

    public void Fail(string why) => request?.SetStatus(ActivityStatusCode.Error, why);

    public void Close() => request?.Dispose();

    /// <summary>What a device did before its handoff, as it measured it: told afterwards, as two spans that end now.</summary>
    public static void OnDevice(string? parent, string device, TimeSpan queue, TimeSpan prefill, int prompt, int cached)
    {
        if (parent is null || !Source.HasListeners()) return;
        var end = DateTimeOffset.UtcNow;
        var (queued, began) = (end - prefill - queue, end - prefill);
        using (var wait = Source.StartActivity("splitwiser.device.queue", ActivityKind.Server, Parent(parent), startTime: queued))
            wait?.SetTag("splitwiser.device", device).SetEndTime(began.UtcDateTime);
        using var work = Source.StartActivity("splitwiser.device.prefill", ActivityKind.Server, Parent(parent), startTime: began);
        work?.SetTag("splitwiser.device", device).SetTag("splitwiser.prompt_tokens", prompt).SetTag("splitwiser.cached_tokens", cached).SetEndTime(end.UtcDateTime);
    }

    private static ActivityContext Parent(string? id) => ActivityContext.TryParse(id, null, isRemote: true, out var context) ? context : default;
}
