using Splitwiser.Bench.Serve;

namespace Splitwiser.Bench.Tests;

public class AzureTraceTests
{
    private const string Head = "TIMESTAMP,ContextTokens,GeneratedTokens";

    [Fact]
    public void Rows_are_read_from_the_top_with_seconds_after_the_first()
    {
        var rows = Read($"{Head}\r\n2023-11-16 18:15:46.6805900,374,44\r\n2023-11-16 18:15:50.9305900,396,109\r\n\r\n2023-11-16 18:16:46.6805900,879,55\r\n", 3);
        rows.ShouldBe([new TraceRow(0, 374, 44), new TraceRow(4.25, 396, 109), new TraceRow(60, 879, 55)]);
        Read($"{Head}\n2023-11-16 18:15:46,374,44\nnot read", 1).Count.ShouldBe(1);
    }

    [Fact]
    public void Times_with_an_offset_are_read_too() =>
        Read($"{Head}\n2024-05-10 00:00:00.009930+00:00,2162,5\n2024-05-10 02:00:01.009930+02:00,2399,6\n", 2)[1].At.ShouldBe(1, 1e-9);

    [Theory]
    [InlineData("", 1, "head line")]
    [InlineData("TIMESTAMP,Context\n", 1, "head line")]
    [InlineData(Head, 2, "the file has 0")]
    [InlineData(Head + "\n2023-11-16 18:15:46,374,44\n", 3, "the file has 1")]
    [InlineData(Head + "\n2023-11-16 18:15:46,374\n", 2, "3 fields")]
    [InlineData(Head + "\n2023-11-16 18:15:46,374,44,9\n", 2, "3 fields")]
    [InlineData(Head + "\nyesterday,374,44\n", 2, "'yesterday' is no time")]
    [InlineData(Head + "\n2023-11-16 18:15:46,many,44\n", 2, "ContextTokens")]
    [InlineData(Head + "\n2023-11-16 18:15:46,374,-1\n", 2, "GeneratedTokens")]
    [InlineData(Head + "\n2023-11-16 18:15:46,0,1\n", 2, "ContextTokens")]
    [InlineData(Head + "\n2023-11-16 18:15:46,3.5,1\n", 2, "ContextTokens")]
    [InlineData(Head + "\n2023-11-16 18:15:46,99999999999,1\n", 2, "ContextTokens")]
    [InlineData(Head + "\n2023-11-16 18:15:46,374,44\n2023-11-16 18:15:45,374,44\n", 3, "before the row above")]
    public void What_is_wrong_is_said_with_its_line(string text, int line, string problem)
    {
        var thrown = Should.Throw<TraceFormatException>(() => Read(text, 2));
        thrown.Line.ShouldBe(line);
        thrown.Message.ShouldContain(problem);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() => Should.Throw<BenchException>(() => AzureTrace.Read("no/such/trace.csv", 1)).Message.ShouldContain("no/such/trace.csv");

    private static IReadOnlyList<TraceRow> Read(string text, int rows) => AzureTrace.Read(new StringReader(text), "trace.csv", rows);
}
