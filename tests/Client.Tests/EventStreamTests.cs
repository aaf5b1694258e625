using System.Net;
using System.Text;
using Splitwiser.Client.Http;

namespace Splitwiser.Client.Tests;

public sealed class EventStreamTests
{
    private const string Whole =
        ": a comment\n\n" +
        "data: {\"choices\":[{\"index\":0,\"text\":\"In \",\"token_ids\":[1,2],\"finish_reason\":null}]}\n\n" +
        "data: {\"choices\":[{\"index\":0,\"text\":\"größer ☃\",\"token_ids\":[3],\"finish_reason\":\"stop\"}]}\r\n\r\n" +
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":3,\"prompt_tokens_details\":{\"cached_tokens\":2}}}\n\n" +
        "data: [DONE]\n\n";

    [Fact]
    public async Task Events_become_pieces_and_the_usage_their_end() => IsWhole(await Read(Encoding.UTF8.GetBytes(Whole)));

    [Fact]
    public void However_the_bytes_are_cut_the_pieces_are_the_same() => Property.Holds<int[]>(
        cuts => IsWhole(Read(Encoding.UTF8.GetBytes(Whole), [.. cuts.Select(cut => 1 + Math.Abs(cut % 7))]).GetAwaiter().GetResult()), cases: 300);

    [Fact]
    public async Task What_follows_done_is_not_read() => IsWhole(await Read(Encoding.UTF8.GetBytes(Whole + "data: nonsense\n\n")));

    [Fact]
    public async Task A_stream_that_breaks_off_is_an_error() =>
        (await Should.ThrowAsync<ServerRefusedException>(Read(Encoding.UTF8.GetBytes(Whole[..200])))).Message.ShouldContain("broke off");

    [Fact]
    public async Task An_error_in_the_middle_is_told_in_the_servers_words() =>
        (await Should.ThrowAsync<ServerRefusedException>(Read("data: {\"error\":{\"message\":\"the device burned\",\"type\":\"server_error\"}}\n\ndata: [DONE]\n\n"u8.ToArray())))
            .Message.ShouldBe("the device burned");

    [Fact]
    public async Task An_event_that_is_no_json_is_an_error() =>
        await Should.ThrowAsync<ServerRefusedException>(Read("data: <html>\n\n"u8.ToArray()));

    [Theory]
    [InlineData("""{"error":{"message":"queue full","type":"rate_limit_error"}}""", "queue full")]
    [InlineData("<html>", "429")]
    [InlineData("", "429")]
    public async Task A_refusal_is_told_in_the_servers_words_or_by_its_status(string body, string message)
    {
        using var http = new HttpClient(new Refuses(body)) { BaseAddress = new Uri("http://localhost") };
        var refused = await Should.ThrowAsync<ServerRefusedException>(Collect(new CompletionsClient(http).Stream(new() { Prompt = "x" }, TestContext.Current.CancellationToken)));
        refused.Status.ShouldBe(429);
        refused.Message.ShouldContain(message);
    }

    private static void IsWhole(IReadOnlyList<TextPiece> pieces)
    {
        string.Concat(pieces.Select(piece => piece.Text)).ShouldBe("In größer ☃");
        pieces.Sum(piece => piece.Tokens).ShouldBe(3);
        pieces[^1].End.ShouldBe(new AnswerEnd("stop", new(4, 2, 3)));
    }

    private static Task<List<TextPiece>> Read(byte[] bytes, int[]? cuts = null) =>
        Collect(CompletionsClient.Read(new CutStream(bytes, cuts ?? []), TestContext.Current.CancellationToken));

    private static async Task<List<TextPiece>> Collect(IAsyncEnumerable<TextPiece> pieces)
    {
        List<TextPiece> collected = [];
        await foreach (var piece in pieces)
            collected.Add(piece);
        return collected;
    }

    private sealed class Refuses(string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Content = new StringContent(body) });
    }

    /// <summary>Gives its bytes in pieces of the given sizes, then in one.</summary>
    private sealed class CutStream(byte[] bytes, int[] sizes) : MemoryStream(bytes)
    {
        private int reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(reads < sizes.Length ? buffer[..Math.Min(buffer.Length, sizes[reads++])] : buffer, cancellationToken);
    }
}
