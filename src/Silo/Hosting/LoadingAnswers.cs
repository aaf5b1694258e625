using System.Globalization;
using Splitwiser.Models;
using Splitwiser.Silo.Http;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Hosting;

/// <summary>What every request is told while the model loads: 503, how far it is, and when to come again.</summary>
internal sealed class LoadingAnswers(string model, TimeProvider time) : IProgress<LoadProgress>
{
    private const int LongestWait = 30; // seconds

    private readonly long start = time.GetTimestamp();
    private double share; // of the weights, 0 to 1
    private volatile bool opening;

    public void Report(LoadProgress value) => Volatile.Write(ref share, value.BytesLoaded / (double)Math.Max(1, value.TotalBytes));

    /// <summary>The weights are read; the devices take them now.</summary>
    public void DevicesOpen() => opening = true;

    public Task Answer(HttpContext context)
    {
        var progress = opening ? 1 : Volatile.Read(ref share);
        var message = opening ? $"Loading model {model}: its devices open." : string.Create(CultureInfo.InvariantCulture, $"Loading model {model}: {100 * progress:F0} % of its weights are read.");
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = RetryAfter(progress).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.CacheControl = "no-store";
        var error = new ErrorDetail(message, "service_unavailable_error", null, "model_loading");
        return JsonOut.Write(context, new LoadingBody(error, "loading model", progress), WireJson.Default.LoadingBody);
    }

    /// <summary>In seconds: as long as it will take if it goes on as it went so far.</summary>
    private int RetryAfter(double progress)
    {
        var left = progress > 0 ? time.GetElapsedTime(start).TotalSeconds * (1 - progress) / progress : LongestWait;
        return (int)Math.Clamp(Math.Ceiling(left), 1, LongestWait);
    }
}
