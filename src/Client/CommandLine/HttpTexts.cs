using Splitwiser.Client.Http;

namespace Splitwiser.Client.CommandLine;

/// <summary>Answers over a silo's HTTP API.</summary>
internal static class HttpTexts
{
    public static IAsyncEnumerable<TextPiece> Generate(HttpClient http, GenerateRequest request, CancellationToken ct) =>
        new CompletionsClient(http).Stream(
            new()
            {
                Prompt = request.Text!,
                Model = request.Model,
                MaxTokens = request.Stop.MaxTokens,
                Temperature = request.Sampling.Temperature,
                TopP = request.Sampling.TopP,
                Seed = request.Sampling.Seed,
                Stop = request.Stop.Strings.IsEmpty ? null : [.. request.Stop.Strings],
                IgnoreEos = request.Stop.IgnoreEos ? true : null,
            },
            ct);
}
