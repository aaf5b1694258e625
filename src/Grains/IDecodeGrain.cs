namespace Splitwiser.Grains;

/// <summary>The token phase of one device. Key "silo/index".</summary>
[Alias("splitwiser.IDecodeGrain")]
public interface IDecodeGrain : IDeviceGrain
{
    /// <summary>
    /// Streams the output of all sequences that the consumer attaches: one item for what a step brought to it. The first item is
    /// empty and says that it can attach now. Ends when the device has drained.
    /// </summary>
    /// <param name="consumer">New for each call.</param>
    [Alias("Feed")]
    IAsyncEnumerable<StepTokens> Feed(Guid consumer, CancellationToken cancellationToken = default);

    /// <summary>Sends a sequence's output to a consumer's feed, from output index <paramref name="fromIndex"/> on. A second call ends the first.</summary>
    [Alias("Attach")]
    Task Attach(Guid consumer, LeaseRef lease, int fromIndex, CancellationToken cancellationToken = default);

    /// <summary>Ends a sequence; output from <paramref name="atIndex"/> on is dropped and never enters the prefix cache.</summary>
    [Alias("Stop")]
    Task Stop(LeaseRef lease, int atIndex, CancellationToken cancellationToken = default);
}
