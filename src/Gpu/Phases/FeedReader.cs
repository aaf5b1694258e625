using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>Reads one sequence's output for a <see cref="TokenFeed"/>, which says when there is news of it.</summary>
public sealed class FeedReader : OutputReader
{
    private readonly TokenFeed feed;
    private bool hasNews;

    internal FeedReader(LeaseId lease, OutputBuffer buffer, int fromIndex, TimeProvider time, Action<OutputReader> disposed, TokenFeed feed)
        : base(lease, buffer, fromIndex, time, disposed) => this.feed = feed;

    /// <summary>Why there is no more to read, though the sequence has no end: a fault, an expiry, or another reader. Null while there is.</summary>
    public Exception? Failure => Decide().Failure;

    /// <summary>Nothing follows what was read.</summary>
    public bool IsOver => End is not null || Failure is not null;

    internal override bool IsWaiting => feed.IsWaiting;

    internal override long LastSign => feed.LastSign;

    internal override void Wake()
    {
        if (!Interlocked.Exchange(ref hasNews, true)) feed.Tell(this);
    }

    /// <summary>From here on what comes is news again.</summary>
    internal void Heard() => Volatile.Write(ref hasNews, false);

    private protected override void Leave() => feed.Forget(this);
}
