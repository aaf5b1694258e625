using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>Who reads what: the readers and feeds of one device. Guarded by the device's lock.</summary>
/// <param name="letGo">A reader was disposed, from any thread.</param>
/// <param name="closeFeed">A feed was, from any thread.</param>
internal sealed class Outputs(
    Generations generations, Deadlines deadlines, TimeSpan consumerIdleTimeout, TimeProvider time, Action<OutputReader> letGo, Action<TokenFeed> closeFeed)
{
    private readonly List<TokenFeed> feeds = [];

    public TokenReader Attach(LeaseId lease, int fromIndex)
    {
        var output = Find(lease, fromIndex);
        var reader = new TokenReader(lease, output, fromIndex, time, letGo);
        output.Attach(reader, time.GetTimestamp());
        return reader;
    }

    public void Attach(LeaseId lease, int fromIndex, TokenFeed feed)
    {
        var output = Find(lease, fromIndex);
        var reader = new FeedReader(lease, output, fromIndex, time, letGo, feed);
        feed.Add(reader);
        output.Attach(reader, time.GetTimestamp());
        reader.Wake();      // what was generated before
    }

    /// <returns>Whether it had all, so that the sequence can be forgotten.</returns>
    public bool LetGo(OutputReader reader)
    {
        if (!reader.Buffer.Detach(reader, time.GetTimestamp())) return false;
        if (reader.End is not null) return generations.Remove(reader.Lease.Number);
        deadlines.Expect(consumerIdleTimeout);
        return false;
    }

    public TokenFeed OpenFeed()
    {
        var feed = new TokenFeed(time, closeFeed);
        feeds.Add(feed);
        return feed;
    }

    public void CloseFeed(TokenFeed feed) => feeds.Remove(feed);

    /// <summary>What comes until <see cref="LetGo()"/> goes out together.</summary>
    public void Hold()
    {
        foreach (var feed in feeds) feed.Hold();
    }

    public void LetGo()
    {
        foreach (var feed in feeds) feed.LetGo();
    }

    /// <summary>No output comes any more.</summary>
    /// <param name="fault">Null when all has ended.</param>
    public void Complete(DeviceFaultException? fault)
    {
        foreach (var feed in feeds) feed.Complete(fault);
    }

    private OutputBuffer Find(LeaseId lease, int fromIndex)
    {
        if (generations.Find(lease) is not { IsHandedOff: true, Output: { } output } generation)
            throw new DeviceRefusedException(DeviceRefusal.UnknownLease, $"Lease {lease.Number} has no output here.");
        if (fromIndex < output.FirstIndex)
            throw new DeviceRefusedException(DeviceRefusal.Invalid, $"Output of lease {lease.Number} begins at index {output.FirstIndex}, not {fromIndex}.");
        generation.Attached = true;
        deadlines.Expect(consumerIdleTimeout);
        return output;
    }
}
