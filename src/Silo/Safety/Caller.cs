namespace Splitwiser.Silo.Safety;

/// <summary>A key in use: how much it has asked for, and what runs for it.</summary>
internal sealed class Caller(ApiKey key, TimeProvider time)
{
    private readonly RateLimit? rate = key.RequestsPerMinute is { } perMinute ? new(perMinute, time) : null;
    private int running;

    public ApiKey Key { get; } = key;

    /// <summary>Counts a request in, until the result is disposed.</summary>
    /// <exception cref="Http.ApiException">429: too many at a time, or a minute.</exception>
    public Running Enter()
    {
        var inside = new Running(this, Interlocked.Increment(ref running));
        try
        {
            if (inside.Count > Key.MaxConcurrent)
                throw Http.ApiException.TooMany($"This key may run {Key.MaxConcurrent} requests at a time, and does.", "concurrency_limit_exceeded", TimeSpan.FromSeconds(1));
            if (rate is not null && !rate.TryTake(out var wait))
                throw Http.ApiException.TooMany($"This key may send {Key.RequestsPerMinute} requests a minute.", "rate_limit_exceeded", wait);
            return inside;
        }
        catch
        {
            inside.Dispose();
            throw;
        }
    }

    /// <summary>One request of a caller.</summary>
    /// <param name="Count">Requests of the caller, with this one.</param>
    internal readonly record struct Running(Caller Caller, int Count) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref Caller.running);
    }
}
