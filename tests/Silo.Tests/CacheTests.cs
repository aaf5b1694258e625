using System.Text.Json;
using Spectre.Console;
using Splitwiser.Silo.Hosting;

namespace Splitwiser.Silo.Tests;

/// <summary>What the operator says about the cache: main memory behind the pages, and prompts that stay.</summary>
public sealed class CacheTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public async Task Prompts_that_the_pool_has_no_room_for_come_from_main_memory_with_the_same_answers()
    {
        await using var silo = await RunningSilo.Start("--model", Repository.DemoModel, "--num-gpu-blocks-override", "24", "--max-model-len", "300", "--kv-offloading-size", "0.25");
        var prompts = Enumerable.Range(0, 10).Select(i => Enumerable.Range(0, 200).Select(t => 300 + (i * 97 + t * 31) % 700).ToArray()).ToArray();
        List<int[]> first = [], second = [];
        foreach (var prompt in prompts) first.Add(await Ids(prompt, cached: 0));
        foreach (var prompt in prompts) second.Add(await Ids(prompt, cached: 192));
        second.ShouldBe(first);
        var metrics = await Metrics.Scrape(silo.Api);
        metrics.Sum("vllm:prefix_cache_queries_total").ShouldBe(20 * 200);
        metrics.Sum("vllm:prefix_cache_hits_total").ShouldBe(10 * 192);
        metrics.Sum("splitwiser_host_hit_tokens_total").ShouldBeInRange(1, 10 * 192);
        metrics.Sum("splitwiser_host_copied_pages_total", "direction=\"in\"").ShouldBe(metrics.Sum("splitwiser_host_hit_tokens_total") / 32);
        metrics.Sum("splitwiser_host_copied_pages_total", "direction=\"out\"").ShouldBeGreaterThan(0);
        metrics.Sum("splitwiser_host_pages_used").ShouldBeGreaterThan(0);
        (metrics.Sum("splitwiser_host_pages_free") + metrics.Sum("splitwiser_host_pages_used")).ShouldBe(metrics.Sum("splitwiser_host_pages_total"));

        async Task<int[]> Ids(int[] prompt, int cached)
        {
            var answer = await silo.Api.Complete(new { prompt, temperature = 0, max_tokens = 8, ignore_eos = true, return_token_ids = true });
            (answer.GetProperty("usage").TryGetProperty("prompt_tokens_details", out var details) && details.ValueKind == JsonValueKind.Object ? details.Number("cached_tokens") : 0).ShouldBe(cached);
            return [.. answer.Choice().TokenIds()];
        }
    }

    [Fact]
    public async Task Pinned_prompts_are_cached_before_the_first_chat_and_stay()
    {
        var system = string.Join(' ', Enumerable.Repeat("In the beginning was the word.", 12));
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new[] { system }), TestContext.Current.CancellationToken);
        await using var silo = await RunningSilo.StartDemo("--pinned-prompts", file);
        var pinned = (await Metrics.Scrape(silo.Api)).Sum("splitwiser_pages_pinned");
        pinned.ShouldBeGreaterThan(1);
        var messages = new object[] { new { role = "system", content = system }, new { role = "user", content = "And then?" } };
        var answer = (await silo.Api.Post("v1/chat/completions", new { messages, temperature = 0, max_tokens = 4 })).Success();
        answer.GetProperty("usage").GetProperty("prompt_tokens_details").Number("cached_tokens").ShouldBe((int)pinned * 32);
        await Settles.AllPagesAreBack(silo.Api);
        (await Metrics.Scrape(silo.Api)).Sum("splitwiser_pages_pinned").ShouldBe(pinned);
    }

    [Theory]
    [InlineData("""["In the beginning"]""", "prompt 0 has")]                    // no full page
    [InlineData("""{"a": 1}""", "expected an array of texts")]
    [InlineData("""[1]""", "expected an array of texts")]
    [InlineData("nonsense", "is no JSON")]
    [InlineData(null, "pages would be pinned, and at most")]                    // more than the share
    public async Task Pinned_prompts_that_can_not_be_kept_keep_the_silo_from_starting(string? json, string problem)
    {
        var ct = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(file, json ?? JsonSerializer.Serialize(new[] { string.Join(' ', Enumerable.Repeat("In the beginning was the word.", 150)) }), ct);
        var (code, errors) = await Run(["--pinned-prompts", file, "--max-pinned-share", "0.02"]);
        code.ShouldBe(2, errors);
        errors.ShouldContain("--pinned-prompts: ");
        errors.ShouldContain(problem);
        errors.ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData("--kv-offloading-size", "of main memory are free", "--kv-offloading-size", "60000")]
    [InlineData("--kv-offloading-size", "one page takes", "--kv-offloading-size", "0.0001")]
    [InlineData("--kv-offloading-size", "--enable-prefix-caching is off", "--kv-offloading-size", "1", "--no-enable-prefix-caching")]
    [InlineData("--pinned-prompts", "there is no file", "--pinned-prompts", "/no/such/file")]
    public async Task A_cache_that_can_not_be_had_is_refused_at_the_start(string name, string problem, params string[] args)
    {
        var (code, errors) = await Run(args);
        code.ShouldBe(2, errors);
        errors.ShouldContain(name);
        errors.ShouldContain(problem);
        errors.ShouldNotContain("   at ");
    }

    private static async Task<(int Code, string Errors)> Run(string[] args)
    {
        var errors = new StringWriter();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        ends.CancelAfter(TimeSpan.FromSeconds(60)); // it would serve until it is stopped
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
        string[] all = ["--model", Repository.DemoModel, "--num-gpu-blocks-override", "512", "--device", "cpu", "--urls", "http://127.0.0.1:0", .. args];
        return (await new HostCommandLine(console, errors) { Output = TextWriter.Null }.Run(all, ends.Token), errors.ToString());
    }
}
