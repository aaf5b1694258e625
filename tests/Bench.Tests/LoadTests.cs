using Splitwiser.Bench.Serve;

namespace Splitwiser.Bench.Tests;

public class LoadTests
{
    private static readonly LoadShape Shape = new(ArrivalKind.Trace, 4, 1, new(10, 20), new(5, 5), 0, new(4000, 9000), new(200, 200));
    private static readonly TraceRow[] Rows = [new(0, 374, 44), new(10, 396, 109), new(20, 879, 55), new(80, 91, 16)];

    [Fact]
    public void A_traces_times_are_kept_in_proportion_at_one_request_a_second() =>
        Load.Of(Shape, Rows, 8192).Requests.ShouldBe([new(0, 374, 44), new(0.5, 396, 109), new(1, 879, 55), new(4, 91, 16)]);

    [Fact]
    public void Independent_arrivals_come_once_a_second_on_average()
    {
        var load = Load.Of(Shape with { Arrivals = ArrivalKind.Poisson, Requests = 20_000 }, [], 8192).Requests;
        (load[^1].At / 20_000).ShouldBe(1, 0.05);
        load.Zip(load.Skip(1)).ShouldAllBe(pair => pair.First.At <= pair.Second.At);
        load.ShouldAllBe(request => request.Prompt >= 10 && request.Prompt <= 20 && request.Output == 5);
    }

    [Fact]
    public void A_burst_comes_at_once_and_as_often_as_there_are_devices()
    {
        var load = Load.Of(Shape with { Arrivals = ArrivalKind.Burst }, Rows, 8192, copies: 3);
        load.Requests.Count.ShouldBe(12);
        load.Requests.ShouldAllBe(request => request.At == 0);
        load.PromptTokens.ShouldBe(3 * (374 + 396 + 879 + 91));
    }

    [Fact]
    public void A_share_of_the_rows_gives_way_to_long_prompts()
    {
        var load = Load.Of(Shape with { Requests = 5000, LongShare = 0.4, Arrivals = ArrivalKind.Poisson }, [], 16384).Requests;
        (load.Count(request => request is { Prompt: >= 4000 and <= 9000, Output: 200 }) / 5000.0).ShouldBe(0.4, 0.03);
    }

    [Fact]
    public void Lengths_scale_and_what_is_longer_than_the_context_is_shortened_and_counted()
    {
        Load.Of(Shape with { Scale = 0.01 }, Rows, 8192).Requests[3].ShouldBe(new LoadRequest(4, 1, 1));
        var load = Load.Of(Shape, Rows, 512);
        load.Clipped.ShouldBe(1);
        load.Requests.ShouldAllBe(request => request.Prompt + request.Output < 512 && request.Prompt >= 1 && request.Output >= 1);
    }

    [Fact]
    public void Rows_of_one_moment_have_no_rate() => Should.Throw<BenchException>(() => Load.Of(Shape, [.. Rows.Select(row => row with { At = 0 })], 8192));

    [Theory]
    [InlineData("128..896", 128, 896)]
    [InlineData("200", 200, 200)]
    public void Ranges_are_read(string text, int least, int most) => LengthRange.Parse("--prompt", text).ShouldBe(new LengthRange(least, most));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("9..3")]
    [InlineData("1..2..3")]
    [InlineData("a..b")]
    public void Ranges_that_are_none_are_refused_with_the_options_name(string text) => Should.Throw<BenchException>(() => LengthRange.Parse("--prompt", text)).Message.ShouldStartWith("--prompt");
}
