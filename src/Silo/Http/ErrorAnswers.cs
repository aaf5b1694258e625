using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>Turns whatever ends a request early into OpenAI's error shape.</summary>
internal sealed class ErrorAnswers(RequestDelegate next, ILogger<ErrorAnswers> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
                await Write(context, ApiException.OfStatus(context.Response.StatusCode));
        }
        catch (Exception e) when (e is ConnectionResetException || (e is OperationCanceledException && context.RequestAborted.IsCancellationRequested))
        {
            // The client is gone: nobody to answer.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var error = ApiException.Of(e);
            if (e is RequestLostException or TimeoutException or SiloUnavailableException)
                Log.RequestLost(logger, context.Request.Path, e.Message);
            else if (error.Status == StatusCodes.Status500InternalServerError)
                Log.RequestFailed(logger, e, context.Request.Path);
            await Write(context, error);
        }
    }

    public static async Task Write(HttpContext context, ApiException error)
    {
        var response = context.Response;
        response.StatusCode = error.Status;
        if (error.RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await JsonOut.Write(context, new ErrorBody(error.Error), WireJson.Default.ErrorBody);
    }
}
