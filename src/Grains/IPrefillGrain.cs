using Orleans;

namespace Splitwiser.Grains;

/// <summary>The prompt phase of one device. Key "silo/index".</summary>
[Alias("splitwiser.IPrefillGrain")]
public interface IPrefillGrain : IGrainWithStringKey
{
    /// <summary>Queues the prompt and answers when its first token is sampled and decode owns its pages.</summary>
    [Alias("Prefill")]
    Task<KvHandoff> Prefill(PrefillRequest request, CancellationToken cancellationToken = default);
}
