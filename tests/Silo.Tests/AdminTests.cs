using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Splitwiser.Silo.Tests;

/// <summary>The operator's endpoints.</summary>
public sealed class AdminTests
{
    private const string Key = "an operator's long key";

    [Fact]
    public async Task Without_an_operators_key_there_are_no_such_endpoints()
    {
        await using var silo = await RunningSilo.StartDemo();
        using var http = Client(silo, null);
        (await http.GetAsync("admin/devices", Ends)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await http.PostAsync("admin/devices/x/0/drain", null, Ends)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory, InlineData(null), InlineData("another long enough key"), InlineData("callers-key")]
    public async Task Nothing_but_the_operators_key_opens_them(string? shown)
    {
        await using var silo = await RunningSilo.StartDemo("--admin-key", Key, "--api-key", "callers-key");
        using var http = Client(silo, shown);
        (await http.GetAsync("admin/devices", Ends)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await http.PostAsync("admin/devices/x/0/drain", null, Ends)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await http.DeleteAsync("admin/devices/x/0", Ends)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_short_key_is_refused_at_the_start() =>
        (await Should.ThrowAsync<InvalidOperationException>(RunningSilo.StartDemo("--admin-key", "short"))).Message.ShouldContain("--admin-key: expected at least 16 characters");

    [Fact]
    public async Task A_device_is_drained_removed_and_opened_again_while_another_one_serves()
    {
        await using var silo = await RunningSilo.StartDemo("--admin-key", Key, "--silo-name", "here", "--cpu-devices", "2");
        using var http = Client(silo, Key);
        (await States(http)).ShouldBe(["here/0 open", "here/1 open"]);

        (await Call(http, HttpMethod.Post, "admin/devices/here/1/check")).GetProperty("passed").GetBoolean().ShouldBeTrue();
        (await Call(http, HttpMethod.Post, "admin/devices/here/1/drain?within=5", HttpStatusCode.Accepted)).Text("state").ShouldBeOneOf("draining", "closed");
        await Settles.Becomes("it is closed", async () => (await Call(http, HttpMethod.Get, "admin/devices/here/1")).Text("state") == "closed");
        (await Metrics.Scrape(silo.Api)).Sum("splitwiser_device_state", "device=\"here/1\",state=\"closed\"").ShouldBe(1);
        await silo.Api.Complete(new { prompt = "And", max_tokens = 4 });
        (await Call(http, HttpMethod.Delete, "admin/devices/here/1")).Text("device").ShouldBe("here/1");
        await Settles.Becomes("it is gone", async () => (await States(http)).SequenceEqual(["here/0 open"]));

        (await Call(http, HttpMethod.Post, "admin/devices/here/1/open", HttpStatusCode.Accepted)).Text("state").ShouldBe("opening");
        await Settles.Becomes("it is open again", async () => (await States(http)).SequenceEqual(["here/0 open", "here/1 open"]));
        (await Metrics.Scrape(silo.Api)).Sum("splitwiser_device_state", "device=\"here/1\",state=\"open\"").ShouldBe(1);
        await silo.Api.Complete(new { prompt = "And", max_tokens = 4 });
    }

    [Theory]
    [InlineData("GET", "nowhere/0", HttpStatusCode.NotFound, "unknown_device")]
    [InlineData("GET", "here/3", HttpStatusCode.NotFound, "device_unknown")]
    [InlineData("POST", "here/0/open", HttpStatusCode.Conflict, "device_wrongstate")]
    [InlineData("DELETE", "here/0", HttpStatusCode.Conflict, "device_wrongstate")]
    [InlineData("POST", "here/64/open", HttpStatusCode.Conflict, "device_nomore")]
    [InlineData("POST", "here/0/drain?within=soon", HttpStatusCode.BadRequest, null)]
    [InlineData("POST", "here/0/drain?within=1e9", HttpStatusCode.BadRequest, null)]
    [InlineData("POST", "here/0/drain?within=99999999", HttpStatusCode.BadRequest, "device_invalid")]
    public async Task What_can_not_be_done_is_refused_in_words(string method, string path, HttpStatusCode status, string? code)
    {
        await using var silo = await RunningSilo.StartDemo("--admin-key", Key, "--silo-name", "here");
        using var http = Client(silo, Key);
        var error = (await Call(http, new(method), $"admin/devices/{path}", status)).GetProperty("error");
        error.Text("message").ShouldNotBeEmpty();
        error.GetProperty("code").GetString().ShouldBe(code);
        (await States(http)).ShouldBe(["here/0 open"]);
    }

    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    private static HttpClient Client(RunningSilo silo, string? key)
    {
        var http = new HttpClient { BaseAddress = silo.Api.Address };
        if (key is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return http;
    }

    private static async Task<JsonElement> Call(HttpClient http, HttpMethod method, string path, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var answer = await http.SendAsync(new(method, path), Ends);
        var text = await answer.Content.ReadAsStringAsync(Ends);
        answer.StatusCode.ShouldBe(status, text);
        return JsonElement.Parse(text);
    }

    private static async Task<string[]> States(HttpClient http) =>
        [.. (await Call(http, HttpMethod.Get, "admin/devices")).GetProperty("devices").EnumerateArray().Select(device => $"{device.Text("device")} {device.Text("state")}")];
}
