namespace Splitwiser.Grains;

/// <summary>The token phase of one device. Key "silo/index".</summary>
[Alias("splitwiser.IDecodeGrain")]
public interface IDecodeGrain : IDeviceGrain
{
    /// <summary>Attaches to a sequence's output and streams it from output index <paramref name="fromIndex"/>. A second call ends the first.</summary>
    [Alias("Decode")]
    IAsyncEnumerable<DecodedTokens> Decode(LeaseRef lease, int fromIndex, CancellationToken cancellationToken = default);

    /// <summary>Ends a sequence; output from <paramref name="atIndex"/> on is dropped and never enters the prefix cache.</summary>
    [Alias("Stop")]
    Task Stop(LeaseRef lease, int atIndex, CancellationToken cancellationToken = default);
}
