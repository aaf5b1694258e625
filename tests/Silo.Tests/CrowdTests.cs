using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace Splitwiser.Silo.Tests;

/// <summary>Many clients at once, of whom many misbehave: nobody else may notice, and no page may be lost.</summary>
public sealed class CrowdTests
{
    private const int DistinctRequests = 16;

    [Fact]
    public Task Sixty_clients_of_whom_many_misbehave_hurt_nobody() => Crowd("adaptive", 60);

    [Theory, Trait("Category", "Long")]
    [InlineData("serial"), InlineData("chunked"), InlineData("streams"), InlineData("adaptive")]
    public Task Two_hundred_clients_of_whom_many_misbehave_hurt_nobody(string mode) => Crowd(mode, 200);

    private static async Task Crowd(string mode, int clients)
    {
        await using var silo = await RunningSilo.StartDemo("--phase-mode", mode, "--consumer-idle-timeout", "3", "--ttft-target", "600000"); // nobody is turned away on a slow machine
        var alone = new List<(Dictionary<string, object> Request, int[] Ids, string Text)>();
        for (var i = 0; i < DistinctRequests; i++)
        {
            var answer = (await silo.Api.Complete(Request(i))).Choice();
            alone.Add((Request(i), answer.TokenIds(), answer.Text("text")));
        }

        var random = new Random(clients);
        var stalled = new ConcurrentBag<StalledReader>();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => (client % 10, client % 3) switch
        {
            (0, _) => SendsNonsense(silo.Api, client),
            (1, _) => StopsReading(silo.Api, stalled),
            (_, 2) => Leaves(silo.Api, Request(client), random.Next(12)),
            _ => Stays(silo.Api, alone[client % DistinctRequests]),
        }));

        await Settles.AllPagesAreBack(silo.Api);
        foreach (var reader in stalled)
        {
            using (reader)
                await reader.IsCut();
        }

        var metrics = await Metrics.Scrape(silo.Api);
        metrics.Sum("splitwiser_requests_failed_total").ShouldBe(metrics.Sum("splitwiser_requests_failed_total", "reason=\"consumeridle\""));
        metrics.Sum("vllm:num_requests_running").ShouldBe(0);
        (await silo.Api.Get("health")).Status.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>Greedy and sampled, short and long, with and without a stop string.</summary>
    private static Dictionary<string, object> Request(int number)
    {
        var golden = GoldenPrompt.All[number % GoldenPrompt.All.Count];
        var request = new Dictionary<string, object>
        {
            ["prompt"] = number % 4 == 0 ? golden.PromptIds : string.Join(" ", Enumerable.Repeat(golden.Prompt, 1 + (number % 5 * 8))),
            ["temperature"] = number % 2 == 0 ? 0 : 0.9,
            ["seed"] = number,
            ["max_tokens"] = 8 + (number * 7 % 48),
            ["return_token_ids"] = true,
        };
        if (number % 5 == 1)
            request["stop"] = " the";
        return request;
    }

    private static async Task Stays(Api api, (Dictionary<string, object> Request, int[] Ids, string Text) alone)
    {
        var events = await api.Events("v1/completions", new Dictionary<string, object>(alone.Request) { ["stream"] = true });
        events.JoinedIds().ShouldBe(alone.Ids);
        events.JoinedText().ShouldBe(alone.Text);
        events.ChoicesOf(0).Last().Text("finish_reason").ShouldNotBeNull();
    }

    private static async Task Leaves(Api api, Dictionary<string, object> request, int after)
    {
        await foreach (var _ in api.Stream("v1/completions", new Dictionary<string, object>(request) { ["stream"] = true, ["ignore_eos"] = true, ["max_tokens"] = 400 }))
        {
            if (after-- == 0)
                break;
        }
    }

    private static async Task SendsNonsense(Api api, int client)
    {
        var body = (client / 10 % 4) switch
        {
            0 => """{"prompt": "x", "temperature": "hot", "stream": true}""",
            1 => """{"prompt": [5000], "stream": true}""",
            2 => JsonSerializer.Serialize(new { prompt = Enumerable.Repeat(7, 3000), stream = true }),
            _ => """{"prompt": "x", "stream": tru""",
        };
        var answer = await api.Post("v1/completions", body);
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Error();
    }

    private static async Task StopsReading(Api api, ConcurrentBag<StalledReader> stalled) => stalled.Add(await StalledReader.Open(api.Address));
}
