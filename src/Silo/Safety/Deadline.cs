namespace Splitwiser.Silo.Safety;

/// <summary>When a request must have ended, and what told of its client before that took the client's place.</summary>
internal sealed record Deadline(CancellationToken Passed, CancellationToken Client)
{
    /// <summary>Fires at the request's deadline; never for one without.</summary>
    public static CancellationToken Of(HttpContext context) => context.Features.Get<Deadline>()?.Passed ?? CancellationToken.None;

    /// <summary>True when it is the deadline that cancelled this request, and its client is still there to hear of it: from now on the request's token is the client's.</summary>
    public static bool TryEnd(HttpContext context)
    {
        if (context.Features.Get<Deadline>() is not { Passed.IsCancellationRequested: true, Client.IsCancellationRequested: false } deadline)
            return false;
        context.RequestAborted = deadline.Client;
        return true;
    }
}
