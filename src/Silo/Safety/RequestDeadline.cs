using Splitwiser.Silo.Http;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Safety;

/// <summary>Ends a request that takes longer than --request-timeout: its token fires, its pages go back, and its caller hears why.</summary>
internal sealed class RequestDeadline(RequestDelegate next, SplitwiserOptions options, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var client = context.RequestAborted;
        using var passed = new CancellationTokenSource(TimeSpan.FromSeconds(options.RequestTimeout), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(client, passed.Token);
        context.Features.Set(new Deadline(passed.Token, client));
        context.RequestAborted = either.Token;
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (Deadline.TryEnd(context))
        {
            throw ApiException.TimedOut(options.RequestTimeout);
        }
        finally
        {
            context.RequestAborted = client;
        }
    }
}
