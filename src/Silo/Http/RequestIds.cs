namespace Splitwiser.Silo.Http;

/// <summary>X-Request-Id: the caller's own id of a request comes back on its answer, whatever the answer is; without one it gets one.</summary>
internal sealed class RequestIds(RequestDelegate next)
{
    public const string Header = "X-Request-Id";
    private const int Longest = 128;

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers[Header] = context.Request.Headers[Header] is [{ Length: > 0 and <= Longest } id] && id.All(character => character is > ' ' and <= '~') ? id : $"{Guid.NewGuid():N}";
        return next(context);
    }
}
