using System.Net;

namespace Splitwiser.Silo.Tests;

public sealed class ShutdownTests
{
    private static readonly object LongStream = new { prompt = "In the beginning", temperature = 0, ignore_eos = true, max_tokens = 600, stream = true, return_token_ids = true };

    [Fact]
    public async Task A_running_stream_ends_while_new_requests_are_refused()
    {
        await using var silo = await RunningSilo.StartDemo();
        List<int> ids = [];
        await foreach (var item in silo.Api.Stream("v1/completions", LongStream))
        {
            if (ids.Count == 0)
            {
                silo.BeginStop();
                await Settles.Becomes("new requests are refused", async () => (await silo.Api.Get("health")).Status == HttpStatusCode.ServiceUnavailable);
                var refused = await silo.Api.Post("v1/completions", LongStream);
                refused.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
                refused.Error();
                refused.RetryAfter.ShouldNotBeNull();
                (await silo.Api.Get("ready")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
                (await Metrics.Scrape(silo.Api)).Sum("splitwiser_draining").ShouldBe(1); // one can still watch
                (await silo.Api.Get("api/live")).Success().GetProperty("draining").GetBoolean().ShouldBeTrue();
            }

            ids.AddRange(item.Choice().TokenIds());
        }

        ids.Count.ShouldBe(600);
        (await silo.Ended).ShouldBe(0);
    }

    [Fact]
    public async Task When_the_time_is_over_what_still_runs_is_cut()
    {
        await using var silo = await RunningSilo.StartDemo("--shutdown-timeout", "0");
        var stream = async () =>
        {
            await foreach (var item in silo.Api.Stream("v1/completions", LongStream))
                silo.BeginStop();
        };
        await Should.ThrowAsync<Exception>(stream); // HttpRequestException or IOException, by where the cut falls
        (await silo.Ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).ShouldBe(0);
    }

    [Fact]
    public async Task An_idle_silo_stops_at_once()
    {
        await using var silo = await RunningSilo.StartDemo();
        silo.BeginStop();
        (await silo.Ended.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).ShouldBe(0);
    }
}
