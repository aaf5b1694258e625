using System.Text.Json;

namespace Splitwiser.Silo.Tests;

/// <summary>The bench command against a real silo.</summary>
public sealed class BenchCommandTests(DemoSilo silo)
{
    [Fact]
    public async Task It_counts_every_token_and_writes_the_result()
    {
        using var folder = new TemporaryFolder();
        var run = await Bench("--num-prompts", "6", "--input-len", "20", "--prefix-len", "40", "--output-len", "10", "--max-concurrency", "2", "--output", folder["result.json"]);
        run.Code.ShouldBe(0, run.Errors);
        foreach (var heading in new[] { "TTFT", "TPOT", "ITL", "E2EL", "median", "p99", "output tokens per second" })
            run.Output.ShouldContain(heading);
        var result = JsonElement.Parse(await File.ReadAllTextAsync(folder["result.json"], TestContext.Current.CancellationToken));
        result.Text("model_id").ShouldBe("demo");
        result.Number("completed").ShouldBe(6);
        result.Number("failed").ShouldBe(0);
        result.Number("total_input_tokens").ShouldBe(6 * 60);
        result.Number("total_output_tokens").ShouldBe(60);
        result.Number("total_cached_tokens").ShouldBe(6 * 32); // the whole page of the 40, from the warm-up
        result.Number("max_concurrent_requests").ShouldBe(2);
        foreach (var key in new[] { "ttft", "tpot", "itl", "e2el" })
        {
            Value($"median_{key}_ms").ShouldBeGreaterThan(0);
            Value($"p99_{key}_ms").ShouldBeGreaterThanOrEqualTo(Value($"median_{key}_ms"));
        }

        Value("output_throughput").ShouldBe(60 / Value("duration"), 1e-6);
        double Value(string name) => result.GetProperty(name).GetDouble();
    }

    [Fact]
    public async Task Failures_are_counted_by_reason_and_none_answered_exits_with_1()
    {
        var run = await Bench("--num-prompts", "5", "--vocab-size", "1000000", "--num-warmups", "0", "--output", "-");
        run.Code.ShouldBe(1);
        var result = JsonElement.Parse(run.Output);
        result.Number("failed").ShouldBe(5);
        result.GetProperty("failures").Number("http 400").ShouldBe(5);
        run = await Bench("--num-prompts", "2", "--vocab-size", "1000000", "--num-warmups", "0");
        run.Output.ShouldContain("failed: http 400");
        run.Output.ShouldContain("outside of the vocabulary of 4096");
    }

    [Fact]
    public async Task Some_refused_are_counted_beside_the_answered()
    {
        await using var narrow = await RunningSilo.StartDemo("--max-concurrent-requests", "1");
        var run = await ClientRun.Of(["bench", "--num-prompts", "8", "--output-len", "200", "--num-warmups", "0", "--output", "-", "--url", narrow.Api.Address.ToString()]);
        var result = JsonElement.Parse(run.Output);
        run.Code.ShouldBe(0, run.Errors);
        result.GetProperty("failures").Number("http 429").ShouldBe(8 - result.Number("completed"));
    }

    [Fact]
    public async Task Prompts_come_from_a_file_at_a_rate_within_limits()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["prompts"], ["In the beginning", "", """{"prompt": [5, 6, 7], "max_tokens": 3}"""], TestContext.Current.CancellationToken);
        var run = await Bench("--prompts", folder["prompts"], "--num-prompts", "4", "--num-warmups", "0", "--output-len", "5", "--request-rate", "200", "--goodput", "ttft:60000", "tpot:0", "--output", "-");
        run.Code.ShouldBe(0, run.Errors);
        var result = JsonElement.Parse(run.Output);
        result.Number("total_input_tokens").ShouldBe(2 * (4 + 3));
        result.Number("total_output_tokens").ShouldBe(2 * (5 + 3));
        result.Number("request_rate").ShouldBe(200);
        result.GetProperty("request_goodput").GetDouble().ShouldBe(0); // no token comes in no time
    }

    [Theory]
    [InlineData("--num-prompts", "0")]
    [InlineData("--request-rate", "never")]
    [InlineData("--range-ratio", "1")]
    [InlineData("--max-concurrency", "0")]
    [InlineData("--goodput", "speed:3")]
    [InlineData("--prompts", "/no/such/file")]
    public async Task A_wrong_option_is_told_by_name(string name, string value)
    {
        var run = await Bench(name, value);
        run.Code.ShouldNotBe(0);
        run.Errors.ShouldContain(name);
    }

    [Fact]
    public async Task A_file_that_holds_no_prompts_is_told_by_its_line()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["prompts"], "ok\n{\"prompt\": null}\n", TestContext.Current.CancellationToken);
        var run = await Bench("--prompts", folder["prompts"]);
        run.Code.ShouldBe(2);
        run.Errors.ShouldContain("--prompts: line 2");
    }

    private Task<ClientRun> Bench(params string[] args) => ClientRun.Of(["bench", .. args, "--url", silo.Api.Address.ToString()]);
}
