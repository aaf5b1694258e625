using System.Text;
using System.Text.Json;
using Splitwiser.Bench.Serve;

namespace Splitwiser.Bench.Tests;

public class EventScannerTests
{
    // The second event's text looks like a usage; the last line's end is carriage return and line feed.
    private const string Stream =
        """data: {"id":"c","choices":[{"index":0,"text":"a"}],"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}}""" + "\n\n" +
        """data: {"id":"c","choices":[{"index":0,"text":"\"completion_tokens\":99"}],"usage":{"prompt_tokens":5,"completion_tokens": 4,"total_tokens":9}}""" + "\n\n" +
        """data: {"id":"c","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}""" + "\n\ndata: [DONE]\r\n\r\n";

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(200)]
    [InlineData(100_000)]
    public void Tokens_are_counted_in_whatever_pieces_the_bytes_come(int piece)
    {
        var scanner = new EventScanner();
        var bytes = Encoding.UTF8.GetBytes(Stream);
        var counts = new List<int>();
        for (var at = 0; at < bytes.Length; at += piece)
        {
            scanner.Take(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            if (counts.Count == 0 || counts[^1] != scanner.Tokens) counts.Add(scanner.Tokens);
        }

        scanner.Tokens.ShouldBe(7);
        scanner.IsDone.ShouldBeTrue();
        scanner.Error.ShouldBeNull();
        if (piece == 1) counts.ShouldBe([0, 1, 4, 7]);
    }

    [Fact]
    public void A_stream_that_breaks_off_is_not_done_and_an_error_is_kept()
    {
        var scanner = new EventScanner();
        scanner.Take("data: {\"error\":{\"message\":\"lost\"}}\n"u8);
        scanner.Error!.ShouldContain("lost");
        scanner.IsDone.ShouldBeFalse();
    }

    [Fact]
    public void A_body_asks_for_so_many_tokens_of_a_random_prompt()
    {
        var body = JsonDocument.Parse(CompletionBody.Of(new LoadRequest(0, 300, 17), vocabulary: 50, new Random(1))).RootElement;
        body.GetProperty("prompt").EnumerateArray().Select(id => id.GetInt32()).ShouldAllBe(id => id >= 0 && id < 50);
        body.GetProperty("prompt").GetArrayLength().ShouldBe(300);
        body.GetProperty("max_tokens").GetInt32().ShouldBe(17);
        body.GetProperty("ignore_eos").GetBoolean().ShouldBeTrue();
        body.GetProperty("stream_options").GetProperty("continuous_usage_stats").GetBoolean().ShouldBeTrue();
    }
}
