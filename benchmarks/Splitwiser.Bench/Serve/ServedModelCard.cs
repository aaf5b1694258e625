using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Serialization;

namespace Splitwiser.Bench.Serve;

/// <summary>What a server says of its model.</summary>
internal sealed record ServedModelCard([property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("max_model_len")] int MaxModelLength)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    /// <summary>Waits until the server is ready, and asks it.</summary>
    /// <exception cref="BenchException">It is not there, or lists no model.</exception>
    public static async Task<ServedModelCard> Of(Uri server, CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = server };
        var started = TimeProvider.System.GetTimestamp();
        try
        {
            while (true)
            {
                using var ready = await http.GetAsync("ready", ct);
                if (ready.StatusCode != HttpStatusCode.ServiceUnavailable) break;
                if (TimeProvider.System.GetElapsedTime(started) > Deadline) throw new BenchException($"{server} is not ready after {Deadline.TotalMinutes} minutes.");
                await Task.Delay(200, ct);
            }

            return (await http.GetFromJsonAsync<Models>("v1/models", ct))?.Data is [var card, ..] ? card : throw new BenchException($"{server} lists no model.");
        }
        catch (HttpRequestException broken)
        {
            throw new BenchException($"{server}: {broken.Message}");
        }
    }

    private sealed record Models([property: JsonPropertyName("data")] ServedModelCard[] Data);
}
