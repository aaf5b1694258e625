using System.CommandLine;
using System.Globalization;
using Splitwiser.Client.CommandLine.Servers;

namespace Splitwiser.Client.CommandLine;

/// <summary>generate "prompt": prints the answer as it comes, then its timings.</summary>
internal sealed class GenerateCommand(Terminal terminal)
{
    private readonly GenerateOptions options = new();
    private readonly ServerOptions servers = new();

    public Command Create()
    {
        var command = new Command("generate", "Streams the text that continues a prompt, then prints its timings.");
        options.AddTo(command);
        servers.AddTo(command);
        command.SetAction((parsed, cancelled) => servers.Run(terminal, parsed, cancelled, async (server, ct) =>
        {
            var quiet = options.Quiet(parsed);
            if (!quiet && server is HttpServer)
                await terminal.Errors.WriteLineAsync(servers.HttpNotice(server));
            await Print(server.Generate(options.Request(parsed), ct), quiet, ct);
            return ExitCode.Success;
        }));
        return command;
    }

    private async Task Print(IAsyncEnumerable<TextPiece> pieces, bool quiet, CancellationToken ct)
    {
        var clock = new AnswerClock(terminal.Time);
        AnswerEnd? end = null;
        await foreach (var piece in pieces.WithCancellation(ct))
        {
            clock.Saw(piece.Tokens);
            await terminal.Output.WriteAsync(piece.Text);
            await terminal.Output.FlushAsync(ct);
            end = piece.End ?? end;
        }

        await terminal.Output.WriteLineAsync();
        if (quiet || end is null)
            return;
        await terminal.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""

            {end.Usage.Prompt} prompt tokens ({end.Usage.Cached} cached), {end.Usage.Completion} answer tokens, ended by {end.FinishReason}
            first token after {clock.FirstToken?.TotalMilliseconds ?? 0:F1} ms, {clock.TokensPerSecond ?? 0:F1} tokens/s after it, {clock.Total.TotalSeconds:F2} s in all
            """));
    }
}
