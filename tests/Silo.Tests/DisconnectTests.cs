using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Splitwiser.Silo.Tests;

public sealed class DisconnectTests
{
    [Fact]
    public async Task A_client_that_leaves_a_stream_gets_its_pages_back_to_the_pool()
    {
        await using var silo = await RunningSilo.StartDemo();
        await foreach (var _ in silo.Api.Stream("v1/completions", new { prompt = "And", ignore_eos = true, max_tokens = 2000, stream = true }))
            break;
        await Settles.AllPagesAreBack(silo.Api);
        await Settles.Becomes("the request counts as left", async () => (await Metrics.Scrape(silo.Api)).Sum("vllm:request_success_total", "abort") == 1);
        (await Metrics.Scrape(silo.Api)).Sum("vllm:generation_tokens_total").ShouldBeLessThan(2000);
    }

    [Fact]
    public async Task A_client_that_leaves_before_a_whole_answer_gets_its_pages_back_to_the_pool()
    {
        await using var silo = await RunningSilo.StartDemo();
        using var leaves = new CancellationTokenSource();
        var answer = silo.Api.Post("v1/completions", JsonSerializer.SerializeToUtf8Bytes(new { prompt = new[] { "And", "In" }, ignore_eos = true, max_tokens = 2000 }), ct: leaves.Token);
        await Settles.Becomes("pages are leased", async () => (await Metrics.Scrape(silo.Api)).Sum("splitwiser_pages_leased") > 0);
        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(answer);
        await Settles.AllPagesAreBack(silo.Api);
        (await Metrics.Scrape(silo.Api)).Sum("vllm:generation_tokens_total").ShouldBeLessThan(4000);
    }

    [Fact]
    public async Task A_client_that_stops_reading_loses_its_connection_and_its_pages()
    {
        await using var silo = await RunningSilo.StartDemo("--consumer-idle-timeout", "1");
        using var stalled = await StalledReader.Open(silo.Api.Address);
        await Settles.AllPagesAreBack(silo.Api);
        await stalled.IsCut();
        (await Metrics.Scrape(silo.Api)).Sum("vllm:num_requests_running").ShouldBe(0);
    }
}
