using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Splitwiser.Silo.Tests;

/// <summary>One seat, taken, and one place to wait, taken. Whatever a test does next is refused, at the door or behind it.</summary>
public sealed class FullHouseTests
{
    private const string Completions = "v1/completions";

    [Fact]
    public async Task Who_comes_behind_a_refusal_is_refused_before_the_body_is_looked_at_closely()
    {
        await using var house = await House.Fill();
        var refusal = await house.AtTheDoor();
        refusal.Error().Text("code").ShouldBe("rate_limit_exceeded");
        refusal.Error().Text("type").ShouldBe("rate_limit_error");
        refusal.RetryAfter.ShouldNotBeNull().ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));

        var before = (await Metrics.Scrape(house.Api)).Sum("splitwiser_requests_refused_total");
        for (var i = 0; i < 100; i++)
            (await house.Api.Post(Completions, Short)).Status.ShouldBe(HttpStatusCode.TooManyRequests);
        ((await Metrics.Scrape(house.Api)).Sum("splitwiser_requests_refused_total") - before).ShouldBe(100, "wherever each was refused");
    }

    [Fact]
    public async Task A_higher_priority_passes_the_door_by_its_field_or_its_header()
    {
        await using var house = await House.Fill();
        using var http = new HttpClient { BaseAddress = house.Api.Address };
        await house.AtTheDoor();
        var byField = house.Api.Post(Completions, """{"prompt": "x", "max_tokens": 1, "prior\u0069ty": -1}""");
        (await house.Waiting).Status.ShouldBe(HttpStatusCode.TooManyRequests, "it gave its place up");

        await house.AtTheDoor();
        using var content = new StringContent(Short, Encoding.UTF8, "application/json");
        content.Headers.Add("X-Priority", "-2");
        using var leave = new CancellationTokenSource();
        var byHeader = http.PostAsync(Completions, content, leave.Token);
        (await byField).Status.ShouldBe(HttpStatusCode.TooManyRequests, "it gave its place up");
        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(byHeader);
    }

    [Fact]
    public async Task What_would_be_refused_for_another_reason_is_told_that_one()
    {
        await using var house = await House.Fill();
        foreach (var (body, status) in new[]
        {
            ("""{"prompt": "x", "model": "gpt-9"}""", HttpStatusCode.NotFound), ("""{"prompt": "x" """, HttpStatusCode.BadRequest),
            ("""["prompt"]""", HttpStatusCode.BadRequest), ("""{"prompt": "x", "priority": "high"}""", HttpStatusCode.BadRequest),
        })
        {
            await house.AtTheDoor();
            (await house.Api.Post(Completions, body)).Status.ShouldBe(status);
        }
    }

    [Fact]
    public async Task A_body_that_was_looked_at_and_let_through_is_read_whole()
    {
        await using var house = await House.Fill();
        using var http = new HttpClient { BaseAddress = house.Api.Address };
        foreach (var chunked in new[] { false, true })
        {
            await house.AtTheDoor();
            using var request = new HttpRequestMessage(HttpMethod.Post, Completions) { Content = new StringContent($$"""{"prompt": "{{new string('x', 2_000_000)}}", "priority": -1, "n": 129}""", Encoding.UTF8, "application/json") };
            request.Headers.TransferEncodingChunked = chunked;
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).GetProperty("error").Text("param").ShouldBe("n");
        }
    }

    private const string Short = """{"prompt": "x", "max_tokens": 1}""";

    /// <summary>The demo model with a context so long that its guests don't leave by themselves.</summary>
    private sealed class House(TemporaryFolder folder, RunningSilo silo, CancellationTokenSource leave) : IAsyncDisposable
    {
        private readonly List<Task<Answer>> guests = [];

        public Api Api => silo.Api;

        /// <summary>The guest who has no seat.</summary>
        public Task<Answer> Waiting => guests[1];

        public static async Task<House> Fill()
        {
            var folder = new TemporaryFolder();
            foreach (var file in Directory.GetFiles(Repository.DemoModel))
                File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
            var config = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Path, "config.json")))!;
            config["max_position_embeddings"] = 200_000;
            await File.WriteAllTextAsync(Path.Combine(folder.Path, "config.json"), config.ToJsonString());
            var house = new House(folder, await RunningSilo.Start("--model", folder.Path, "--served-model-name", "demo", "--num-gpu-blocks-override", "4096", "--max-num-seqs", "1", "--queue-limit", "1"), new());
            await house.Enter("vllm:num_requests_running");
            await house.Enter("vllm:num_requests_waiting");
            return house;
        }

        /// <summary>What a request is told that could not be served anyway: the device refuses one now and then, and this one comes in time to be refused by what that left behind.</summary>
        public async Task<Answer> AtTheDoor()
        {
            Answer? last = null;
            await Settles.Becomes("one is refused at the door", async () =>
            {
                (await Api.Post(Completions, Short)).Status.ShouldBe(HttpStatusCode.TooManyRequests);
                last = await Api.Post(Completions, """{"prompt": "x", "n": 129}"""); // behind the door it would be a 400
                return last.Status == HttpStatusCode.TooManyRequests;
            });
            return last!;
        }

        public async ValueTask DisposeAsync()
        {
            await leave.CancelAsync();
            await ((Task)Task.WhenAll(guests)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext); // they have left
            await Settles.AllPagesAreBack(silo.Api);
            await silo.DisposeAsync();
            leave.Dispose();
            folder.Dispose();
        }

        private async Task Enter(string family)
        {
            guests.Add(silo.Api.Post(Completions, """{"prompt": "In the beginning", "temperature": 0, "ignore_eos": true, "max_tokens": 100000}"""u8.ToArray(), ct: leave.Token));
            await Settles.Becomes(family, async () => (await Metrics.Scrape(silo.Api)).Sum(family) == 1);
        }
    }
}
