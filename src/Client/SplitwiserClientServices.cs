using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Splitwiser.Client;

/// <summary>Adds <see cref="IChatClient"/> and <see cref="IEmbeddingGenerator{String, Embedding}"/> to a host's services.</summary>
public static class SplitwiserClientServices
{
    /// <summary>Over Orleans, by the IGrainFactory of the host: an Orleans client's, or a silo's own. Adds <see cref="SplitwiserClient"/> too.</summary>
    /// <param name="model">Served name; null for the one that is served.</param>
    public static IServiceCollection AddSplitwiserClient(this IServiceCollection services, string? model = null)
    {
        services.TryAddSingleton(provider => new SplitwiserClient(provider.GetRequiredService<IGrainFactory>()));
        services.TryAddSingleton<IChatClient>(provider => new AI.OrleansChatClient(provider.GetRequiredService<IGrainFactory>(), provider.GetRequiredService<SplitwiserClient>(), model));
        services.TryAddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(provider => new AI.OrleansEmbeddingGenerator(provider.GetRequiredService<IGrainFactory>(), model));
        return services;
    }

    /// <summary>Over a silo's HTTP API.</summary>
    /// <param name="server">The silo's address, such as http://127.0.0.1:8080.</param>
    /// <param name="model">Served name; null for the one that is served.</param>
    /// <param name="apiKey">Sent as a bearer token; null for a server without keys.</param>
    public static IServiceCollection AddSplitwiserClient(this IServiceCollection services, Uri server, string? model = null, string? apiKey = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        services.TryAddKeyedSingleton(server, (_, _) =>
        {
            var http = new HttpClient { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan }; // an answer may take its time; the caller's token ends it
            if (apiKey is not null)
                http.DefaultRequestHeaders.Authorization = new("Bearer", apiKey);
            return http;
        });
        services.TryAddSingleton<IChatClient>(provider => new AI.HttpChatClient(provider.GetRequiredKeyedService<HttpClient>(server), model));
        services.TryAddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(provider => new AI.HttpEmbeddingGenerator(provider.GetRequiredKeyedService<HttpClient>(server), model));
        return services;
    }
}
