using System.Net;
using System.Text.Json;

namespace Splitwiser.Silo.Tests;

/// <summary>Methods and headers that say nothing about models.</summary>
public sealed class RouteTests(DemoSilo silo) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = silo.Api.Address };

    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    [Theory, InlineData("v1/models"), InlineData("v1/models/demo"), InlineData("health"), InlineData("version"), InlineData("metrics")]
    public async Task What_can_be_got_has_a_head(string path)
    {
        using var answer = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Ends);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(Ends)).ShouldBeEmpty();
    }

    [Theory, InlineData("DELETE", "v1/models/demo", "GET"), InlineData("OPTIONS", "v1/chat/completions", "POST"), InlineData("PUT", "v1/completions", "POST"), InlineData("HEAD", "v1/completions", "POST")]
    public async Task Another_method_is_a_405_that_names_the_right_one(string method, string path, string allowed)
    {
        using var answer = await http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Ends);
        answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        answer.Content.Headers.Allow.ShouldContain(allowed);
        if (method != "HEAD")
            JsonElement.Parse(await answer.Content.ReadAsStringAsync(Ends)).GetProperty("error").Text("code").ShouldBe("method_not_allowed");
    }

    [Theory, InlineData("v1/models/meta/llama"), InlineData("v1/models/gpt-9")]
    public async Task A_model_by_another_name_is_not_found_also_with_a_slash(string path)
    {
        using var answer = await http.GetAsync(path, Ends);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        JsonElement.Parse(await answer.Content.ReadAsStringAsync(Ends)).GetProperty("error").Text("code").ShouldBe("model_not_found");
    }

    [Theory, InlineData("v1/models", HttpStatusCode.OK), InlineData("nope", HttpStatusCode.NotFound)]
    public async Task A_request_id_comes_back_whatever_the_answer_is(string path, HttpStatusCode status)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-Request-Id", "abc-123" } } };
        using var answer = await http.SendAsync(request, Ends);
        answer.StatusCode.ShouldBe(status);
        answer.Headers.GetValues("X-Request-Id").ShouldBe(["abc-123"]);
    }

    [Fact]
    public async Task Without_a_usable_request_id_one_is_drawn()
    {
        using var plain = await http.GetAsync("v1/models", Ends);
        var drawn = plain.Headers.GetValues("X-Request-Id").ShouldHaveSingleItem();
        drawn.ShouldNotBeEmpty();
        var request = new HttpRequestMessage(HttpMethod.Get, "v1/models");
        request.Headers.TryAddWithoutValidation("X-Request-Id", new string('a', 500));
        using var other = await http.SendAsync(request, Ends);
        other.Headers.GetValues("X-Request-Id").ShouldHaveSingleItem().Length.ShouldBe(drawn.Length);
    }

    public void Dispose() => http.Dispose();
}
