using Splitwiser.Grains;
using Splitwiser.Silo.Options;
using Splitwiser.Silo.Safety;

namespace Splitwiser.Silo.Http;

/// <summary>
/// Refuses at the door what every device has just refused to others: neither parsed, nor tokenized, nor sent to a device, for under overload
/// nine of ten requests come to this. Behind keys and limits, so that who may not ask is told that first.
/// </summary>
internal sealed class FullHouse(RequestDelegate next, FullDevices full, ServedModel model, RequestMetrics metrics, SplitwiserOptions options)
{
    public Task InvokeAsync(HttpContext context) =>
        IsWork(context.Request) && full.Refusal(int.MaxValue) is not null ? Look(context) : next(context);

    private async Task Look(HttpContext context)
    {
        if (await PriorityOf(context) is not { } priority || full.Refusal(priority) is not { } refusal)
        {
            await next(context);
            return;
        }

        metrics.Refuse(refusal);
        await ErrorAnswers.Write(context, ApiException.Of(refusal));
    }

    private static bool IsWork(HttpRequest request) => HttpMethods.IsPost(request.Method) && request.Path.Value is "/v1/completions" or "/v1/chat/completions";

    /// <summary>Null for a request that is refused for other reasons, or asks another model: its own endpoint says so.</summary>
    private async ValueTask<int?> PriorityOf(HttpContext context)
    {
        if (!context.Request.HasJsonContentType() || context.Request.ContentLength > options.MaxBodyBytes) return null;
        var read = await RequestBody.ReadAll(context, options.MaxBodyBytes);
        var seen = read.IsCanceled || read.Buffer.Length > options.MaxBodyBytes ? null : RequestGlance.Of(read.Buffer);
        context.Request.BodyReader.AdvanceTo(read.Buffer.Start); // it is all there for who reads it next
        if (seen is null || (seen.Model is { } asked && asked != model.Name)) return null;
        return seen.Priority ?? PriorityHeader.Of(context);
    }
}
