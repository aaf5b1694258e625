using System.CommandLine;
using System.Globalization;
using Splitwiser.Client.Http;

namespace Splitwiser.Client.CommandLine;

/// <summary>generate "prompt": prints the answer as it comes, then its timings.</summary>
internal sealed class GenerateCommand(TextWriter output, TextWriter errors, TimeProvider time)
{
    private readonly GenerateOptions options = new();
    private readonly ClusterRoute cluster = new();
    private readonly Option<Uri> url = new("--url")
    {
        Description = "The silo's HTTP address.",
        HelpName = "URL",
        DefaultValueFactory = _ => new("http://127.0.0.1:8080"),
        CustomParser = result => Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : Wrong(result, $"--url: expected http://host:port, found '{result.Tokens[0].Value}'"),
    };

    public Command Create()
    {
        var command = new Command("generate", "Streams the text that continues a prompt, then prints its timings.");
        options.AddTo(command);
        command.Options.Add(url);
        foreach (var option in cluster.Options)
            command.Options.Add(option);
        command.SetAction(Run);
        return command;
    }

    private async Task<int> Run(ParseResult parsed, CancellationToken ct)
    {
        var server = parsed.GetRequiredValue(url);
        try
        {
            var request = options.Request(parsed);
            using var http = new HttpClient { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
            if (cluster.Generate(parsed, request, ct) is { } overOrleans)
            {
                await Print(overOrleans, options.Quiet(parsed), ct);
            }
            else
            {
                if (!options.Quiet(parsed))
                    await errors.WriteLineAsync(string.Format(CultureInfo.InvariantCulture, cluster.HttpNotice, server));
                await Print(HttpTexts.Generate(http, request, ct), options.Quiet(parsed), ct);
            }

            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return ExitCode.Cancelled;
        }
        catch (HttpRequestException e)
        {
            return await Fail($"{server} can't be reached: {e.Message}", ExitCode.Failed);
        }
        catch (Exception e) when (e is ServerRefusedException or RequestRefusedException or RequestLostException or SiloUnavailableException)
        {
            return await Fail(e.Message, ExitCode.Failed);
        }
    }

    private async Task Print(IAsyncEnumerable<TextPiece> pieces, bool quiet, CancellationToken ct)
    {
        var clock = new AnswerClock(time);
        AnswerEnd? end = null;
        await foreach (var piece in pieces.WithCancellation(ct))
        {
            clock.Saw(piece.Tokens);
            await output.WriteAsync(piece.Text);
            await output.FlushAsync(ct);
            end = piece.End ?? end;
        }

        await output.WriteLineAsync();
        if (quiet || end is null)
            return;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""

            {end.Usage.Prompt} prompt tokens ({end.Usage.Cached} cached), {end.Usage.Completion} answer tokens, ended by {end.FinishReason}
            first token after {clock.FirstToken?.TotalMilliseconds ?? 0:F1} ms, {clock.TokensPerSecond ?? 0:F1} tokens/s after it, {clock.Total.TotalSeconds:F2} s in all
            """));
    }

    private async Task<int> Fail(string message, int code)
    {
        await errors.WriteLineAsync($"error: {message}");
        return code;
    }

    private static Uri Wrong(System.CommandLine.Parsing.ArgumentResult result, string message)
    {
        result.AddError(message);
        return new("http://127.0.0.1");
    }
}
