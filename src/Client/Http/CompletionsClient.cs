using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Splitwiser.Client.Http;

/// <summary>Streams completions from a silo's HTTP API.</summary>
internal sealed class CompletionsClient(HttpClient http)
{
    private const string Done = "[DONE]";

    /// <summary>The pieces of the answer; the last one carries its end.</summary>
    /// <exception cref="ServerRefusedException">The server answered with an error.</exception>
    /// <exception cref="HttpRequestException">There is no server, or the connection broke.</exception>
    public async IAsyncEnumerable<TextPiece> Stream(CompletionCall call, [EnumeratorCancellation] CancellationToken ct = default)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "v1/completions") { Content = JsonContent.Create(call, ClientJson.Default.CompletionCall) };
        using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, ct);
        if (!response.IsSuccessStatusCode)
            throw await RefusalOf(response, ct);
        await using var body = await response.Content.ReadAsStreamAsync(ct);
        await foreach (var piece in Read(body, ct))
            yield return piece;
    }

    /// <summary>Reads the events of a stream up to "[DONE]".</summary>
    internal static async IAsyncEnumerable<TextPiece> Read(Stream body, [EnumeratorCancellation] CancellationToken ct = default)
    {
        string? finish = null;
        var events = SseParser.Create(body, (_, data) => data.SequenceEqual("[DONE]"u8) ? null : Event(data));
        await foreach (var item in events.EnumerateAsync(ct))
        {
            if (item.Data is not { } data)
                yield break;
            if (data.Error is { } error)
                throw new ServerRefusedException(error.Message ?? "The server failed.");
            var choice = data.Choices is [var first, ..] ? first : null;
            finish = choice?.FinishReason ?? finish;
            var end = data.Usage is { } usage
                ? new AnswerEnd(finish ?? "", new(usage.PromptTokens, usage.PromptTokensDetails?.CachedTokens ?? 0, usage.CompletionTokens))
                : null;
            yield return new(choice?.Text ?? "", choice?.TokenIds?.Length ?? 0, end);
        }

        throw new ServerRefusedException($"The stream broke off before {Done}.");
    }

    /// <summary>What an error's answer says.</summary>
    internal static async Task<ServerRefusedException> RefusalOf(HttpResponseMessage response, CancellationToken ct) =>
        new(await Refusal(response, ct), (int)response.StatusCode);

    private static CompletionEvent Event(ReadOnlySpan<byte> data)
    {
        try
        {
            return JsonSerializer.Deserialize(data, ClientJson.Default.CompletionEvent) ?? new();
        }
        catch (JsonException e)
        {
            throw new ServerRefusedException("The server sent an event that is no JSON.", inner: e);
        }
    }

    private static async Task<string> Refusal(HttpResponseMessage response, CancellationToken ct)
    {
        var body = await response.Content.ReadAsByteArrayAsync(ct);
        try
        {
            if (JsonSerializer.Deserialize(body, ClientJson.Default.CompletionEvent)?.Error?.Message is { } message)
                return message;
        }
        catch (JsonException)
        {
            // Not one of our servers: its status must do.
        }

        return $"The server answered {(int)response.StatusCode} {response.ReasonPhrase}.";
    }
}
