using System.Net;
using Microsoft.Extensions.Configuration;
using Splitwiser.Silo.Safety;

namespace Splitwiser.Silo.Tests.Safety;

public sealed class KeyTests
{
    private static readonly object Short = new { prompt = "And", max_tokens = 1 };

    [Fact]
    public async Task Without_a_valid_key_there_is_no_answer_but_to_whether_the_silo_is_well()
    {
        await using var silo = await RunningSilo.StartDemo("--api-key", "first, second");
        foreach (var key in new[] { null, "third", "firs", "first1", "" })
        {
            using var stranger = new Api(silo.Api.Address, key);
            foreach (var answer in new[] { await stranger.Post("v1/completions", Short), await stranger.Get("v1/models"), await stranger.Get("metrics"), await stranger.Get("api/live"), await stranger.Get("nowhere") })
            {
                answer.Status.ShouldBe(HttpStatusCode.Unauthorized);
                answer.Error().Text("code").ShouldBe("invalid_api_key");
            }

            foreach (var open in new[] { "health", "ready", "version", "", "page/main.js" })
                (await stranger.Get(open)).Status.ShouldBe(HttpStatusCode.OK, open);
        }

        foreach (var key in new[] { "first", "second" })
        {
            using var known = new Api(silo.Api.Address, key);
            await known.Complete(Short);
            (await known.Get("v1/models")).Success();
            (await known.Get("metrics")).Status.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task A_hashed_key_of_the_configuration_has_limits_of_its_own()
    {
        var key = ApiKey.New();
        var settings = new Dictionary<string, string?>
        {
            ["Splitwiser:ApiKeys:0:Name"] = "ann",
            ["Splitwiser:ApiKeys:0:Sha256"] = Convert.ToHexString(ApiKey.HashOf(key).AsSpan()),
            ["Splitwiser:ApiKeys:0:RequestsPerMinute"] = "6",
        };
        var time = new ManualTime();
        var keys = ApiKeys.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), new(), time);
        keys.IsRequired.ShouldBeTrue();
        keys.Find(key + "0").ShouldBeNull();
        var ann = keys.Find(key).ShouldNotBeNull();
        ann.Key.ShouldSatisfyAllConditions(a => a.Name.ShouldBe("ann"), a => a.RequestsPerMinute.ShouldBe(6), a => a.MaxConcurrent.ShouldBeNull());
        ann.Enter().Dispose();
        var refused = Should.Throw<Http.ApiException>(() => ann.Enter());
        refused.Status.ShouldBe(429);
        refused.RetryAfter.ShouldBe(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(10));
        ann.Enter().Dispose();
    }

    [Theory]
    [InlineData("Sha256", "12ab", "64 hexadecimal digits")]
    [InlineData("Name", "", "a name is needed")]
    [InlineData("MaxConcurrent", "none", "expected a whole number")]
    [InlineData("Key", "plain", "no setting of a key")]
    public void A_malformed_entry_is_told_by_its_path(string name, string value, string problem)
    {
        var settings = new Dictionary<string, string?> { ["Splitwiser:ApiKeys:0:Name"] = "ann", ["Splitwiser:ApiKeys:0:Sha256"] = new('0', 64), [$"Splitwiser:ApiKeys:0:{name}"] = value };
        var bad = Should.Throw<Options.BadConfigurationException>(() => ApiKeys.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), new(), TimeProvider.System));
        bad.Problems.ShouldHaveSingleItem().ShouldContain($"ApiKeys:0:{name}");
        bad.Message.ShouldContain(problem);
    }

    [Fact]
    public void A_rate_lets_a_sixth_of_a_minute_through_at_once_and_then_its_share()
    {
        var time = new ManualTime();
        var limit = new RateLimit(60, time);
        Enumerable.Range(0, 10).ShouldAllBe(_ => limit.TryTake(out wait));
        limit.TryTake(out wait).ShouldBeFalse();
        wait.ShouldBe(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(3));
        Enumerable.Range(0, 3).ShouldAllBe(_ => limit.TryTake(out wait));
        limit.TryTake(out wait).ShouldBeFalse();
        time.Advance(TimeSpan.FromHours(1));
        Enumerable.Range(0, 10).ShouldAllBe(_ => limit.TryTake(out wait));
        limit.TryTake(out wait).ShouldBeFalse(); // an idle hour saves up no more than the burst
    }

    private TimeSpan wait;

    [Fact]
    public async Task More_requests_of_a_key_than_it_may_run_are_a_429_and_the_others_end_well()
    {
        await using var silo = await RunningSilo.StartDemo("--max-concurrent-requests", "1");
        await foreach (var _ in silo.Api.Stream("v1/completions", new { prompt = "And", ignore_eos = true, max_tokens = 2000, stream = true }))
        {
            var refused = await silo.Api.Post("v1/completions", Short);
            refused.Status.ShouldBe(HttpStatusCode.TooManyRequests);
            refused.Error().Text("code").ShouldBe("concurrency_limit_exceeded");
            refused.RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
            (await silo.Api.Get("v1/models")).Success(); // reading counts for nothing
            break;
        }

        await Settles.Becomes("the next one is let in", async () => (await silo.Api.Post("v1/completions", Short)).Status == HttpStatusCode.OK);
    }

    [Fact]
    public void A_new_key_comes_with_the_entry_that_lets_it_in()
    {
        var output = new StringWriter();
        NewKeyCommand.Create(output).Parse("new-key Bob").Invoke().ShouldBe(0);
        var text = output.ToString();
        var key = text[text.IndexOf("sk-", StringComparison.Ordinal)..].Split('\n')[0].Trim();
        key.Length.ShouldBe(3 + 64);
        text.ShouldContain(Convert.ToHexStringLower(ApiKey.HashOf(key).AsSpan()));
        text.ShouldContain("\"Bob\"");
    }
}
