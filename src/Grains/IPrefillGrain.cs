namespace Splitwiser.Grains;

/// <summary>The prompt phase of one device. Key "silo/index".</summary>
[Alias("splitwiser.IPrefillGrain")]
public interface IPrefillGrain : IDeviceGrain
{
    /// <summary>
    /// Queues the prompt and answers when its first token is sampled and decode owns its pages. How long that may take is the
    /// caller's to say: it knows from <see cref="IKvCacheGrain"/> whether the device lives.
    /// </summary>
    [Alias("Prefill"), ResponseTimeout("01:00:00")]
    Task<KvHandoff> Prefill(PrefillRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends a prompt that nobody waits for any more, handed over or not. A cancelled Prefill alone may lose its lease: the answer was on its way, and
    /// decode would own the pages until the device finds that nobody reads.
    /// </summary>
    /// <returns>False when there was no such prompt.</returns>
    [Alias("Withdraw")]
    Task<bool> Withdraw(Guid ticket, CancellationToken cancellationToken = default);
}
