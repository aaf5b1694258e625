using System.Net;

namespace Splitwiser.Silo.Tests.Safety;

/// <summary>What keeps other web pages out.</summary>
public sealed class BrowserRulesTests(DemoSilo demo)
{
    [Fact]
    public async Task Every_answer_tells_the_browser_to_do_nothing_more_with_it()
    {
        using var http = new HttpClient();
        foreach (var path in new[] { "v1/models", "nowhere", "metrics" })
        {
            using var answer = await http.GetAsync(new Uri(demo.Api.Address, path), TestContext.Current.CancellationToken);
            answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
            answer.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"]);
            answer.Headers.GetValues("Content-Security-Policy").ShouldBe(["default-src 'none'; frame-ancestors 'none'"]);
            answer.Headers.Contains("Server").ShouldBeFalse();
        }
    }

    [Fact]
    public async Task No_other_origin_may_call_unless_it_is_named()
    {
        (await Preflight(demo.Api.Address, "https://example.org")).ShouldBeNull();
        await using var silo = await RunningSilo.StartDemo("--allowed-origins", "https://example.org", "--api-key", "k");
        (await Preflight(silo.Api.Address, "https://example.org")).ShouldBe("https://example.org"); // a browser asks without the key
        (await Preflight(silo.Api.Address, "https://example.com")).ShouldBeNull();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(silo.Api.Address, "v1/models")) { Headers = { { "Origin", "https://example.org" } } };
        using var refused = await http.SendAsync(request, TestContext.Current.CancellationToken);
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        refused.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["https://example.org"]); // or the page could not read why
    }

    [Theory, InlineData("localhost", true), InlineData("127.0.0.1", true), InlineData("[::1]", true), InlineData("evil.example", false), InlineData("localhost.evil.example", false)]
    public async Task A_silo_of_this_machine_alone_takes_no_foreign_name(string host, bool taken)
    {
        (await Named(demo.Api.Address, host)).ShouldBe(taken ? HttpStatusCode.OK : HttpStatusCode.MisdirectedRequest);
    }

    [Fact]
    public async Task Names_that_are_allowed_are_taken()
    {
        await using var silo = await RunningSilo.StartDemo("--allowed-hosts", "llm.example");
        (await Named(silo.Api.Address, "llm.example")).ShouldBe(HttpStatusCode.OK);
        (await Named(silo.Api.Address, "evil.example")).ShouldBe(HttpStatusCode.MisdirectedRequest);
    }

    private static async Task<HttpStatusCode> Named(Uri address, string host)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "v1/models")) { Headers = { Host = host } };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<string?> Preflight(Uri address, string origin)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Options, new Uri(address, "v1/chat/completions"))
        { Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "POST" }, { "Access-Control-Request-Headers", "authorization,content-type" } } };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed.Single() : null;
    }
}
