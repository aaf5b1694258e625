using Microsoft.Extensions.AI;

namespace Splitwiser.Client.AI;

/// <summary>Embeds texts over Orleans, each by a grain of its own; vectors have length 1.</summary>
/// <param name="grains">The cluster's client, or the grain factory of a silo.</param>
/// <param name="model">Served name; null for the one that is served.</param>
public sealed class OrleansEmbeddingGenerator(IGrainFactory grains, string? model = null) : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>Texts of one call that are under way together.</summary>
    private const int AtOnce = 16;

    /// <inheritdoc/>
    /// <exception cref="RequestRefusedException">A text can't be embedded, or not now; or other dimensions than the model's are asked for.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var texts = values.ToArray();
        var results = new EmbeddingResult[texts.Length];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, texts.Length),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (index, ct) => results[index] = await grains.GetGrain<IEmbeddingGrain>(Guid.NewGuid()).Embed(new() { Text = texts[index], Model = options?.ModelId ?? model }, ct));
        if (options?.Dimensions is { } size && results.FirstOrDefault(result => result.Vector.Length != size) is { } other)
            throw new RequestRefusedException(RefusalReason.InvalidRequest, $"The model's vectors have {other.Vector.Length} values and can't be cut; {size} was asked for.", "dimensions");
        var used = results.Sum(result => (long)result.PromptTokens);
        return new(results.Select(result => new Embedding<float>(result.Vector.AsMemory())))
        {
            Usage = new() { InputTokenCount = used, TotalTokenCount = used },
        };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        Services.Find(serviceType, serviceKey, this, new EmbeddingGeneratorMetadata("splitwiser", null, model));

    /// <summary>Nothing is held here.</summary>
    public void Dispose()
    {
        // The grain factory is the caller's.
    }
}
