using System.Threading.Channels;

namespace Splitwiser.Grains;

/// <summary>The output of one sequence, from its arrival at this silo until its request reads it. One reader; the rest may come from any thread.</summary>
/// <param name="readWithin">How long it may lie here while nobody reads.</param>
internal sealed class Mailbox(LeaseRef lease, TimeSpan readWithin, TimeProvider time, Action<Mailbox> closed) : IDisposable
{
    private readonly Channel<DecodedTokens> arrived = Channel.CreateUnbounded<DecodedTokens>(new() { SingleReader = true });
    private long lastNews = time.GetTimestamp();    // from the device
    private long lastRead = time.GetTimestamp();    // by the request
    private bool isAwaited;

    public LeaseRef Lease => lease;

    /// <summary>For how long the reader has waited without news; null when it isn't waiting.</summary>
    public TimeSpan? Silence => Volatile.Read(ref isAwaited) ? time.GetElapsedTime(Volatile.Read(ref lastNews)) : null;

    /// <summary>Nobody has read for too long.</summary>
    public bool IsForsaken => !Volatile.Read(ref isAwaited) && time.GetElapsedTime(Volatile.Read(ref lastRead)) >= readWithin;

    public void Put(DecodedTokens tokens)
    {
        Volatile.Write(ref lastNews, time.GetTimestamp());
        arrived.Writer.TryWrite(tokens);
    }

    /// <summary>No more comes; the reader learns why when it has read the rest.</summary>
    public void Fail(Exception reason) => arrived.Writer.TryComplete(reason);

    /// <summary>All that is here, as one piece; waits for the first.</summary>
    /// <exception cref="InvalidDataException">Pieces are missing.</exception>
    public async ValueTask<DecodedTokens> Next()
    {
        if (!arrived.Reader.TryRead(out var tokens)) tokens = await Wait();
        while (tokens.End is null && arrived.Reader.TryRead(out var more)) tokens = tokens.Then(more);
        Volatile.Write(ref lastRead, time.GetTimestamp());
        return tokens;
    }

    public void Dispose() => closed(this);

    private async ValueTask<DecodedTokens> Wait()
    {
        Volatile.Write(ref isAwaited, true);
        try
        {
            return await arrived.Reader.ReadAsync(CancellationToken.None);
        }
        catch (ChannelClosedException over) when (over.InnerException is { } reason)
        {
            throw reason;
        }
        finally
        {
            Volatile.Write(ref lastRead, time.GetTimestamp());
            Volatile.Write(ref isAwaited, false);
        }
    }
}
