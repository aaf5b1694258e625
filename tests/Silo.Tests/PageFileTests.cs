using System.Net;
using System.Text.RegularExpressions;

namespace Splitwiser.Silo.Tests;

/// <summary>The web page's files, as HTTP sees them; tests/Page.Tests looks at them in a browser.</summary>
public sealed partial class PageFileTests(DemoSilo silo)
{
    [Fact]
    public async Task All_that_the_page_names_is_served_from_here_with_its_type()
    {
        using var http = new HttpClient { BaseAddress = silo.Api.Address };
        var index = await http.GetStringAsync("/", TestContext.Current.CancellationToken);
        var named = Files().Matches(index).Select(match => match.Groups[1].Value).Distinct().ToList();
        named.Count.ShouldBeGreaterThan(4);
        foreach (var file in named.Union(new Page.PageFiles().Names.Select(name => $"/page/{name}")))
        {
            using var answer = await http.GetAsync(file, TestContext.Current.CancellationToken);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, file);
            var type = answer.Content.Headers.ContentType!.MediaType;
            type.ShouldBe(Path.GetExtension(file) switch { ".js" => "text/javascript", ".css" => "text/css", ".svg" => "image/svg+xml", _ => "text/html" });
        }

        External().Matches(index).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_page_may_run_its_own_scripts_alone_and_is_sent_once()
    {
        using var http = new HttpClient { BaseAddress = silo.Api.Address };
        using var first = await http.GetAsync("/", TestContext.Current.CancellationToken);
        var policy = first.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
        policy.ShouldContain("default-src 'none'; script-src 'self'; style-src 'self'");
        policy.ShouldNotContain("unsafe");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var second = await http.SendAsync(again, TestContext.Current.CancellationToken);
        second.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Theory, InlineData("/page/nothing.js"), InlineData("/page/..%2f..%2fappsettings.json"), InlineData("/page/")]
    public async Task What_is_no_file_of_the_page_is_a_404(string path) =>
        (await silo.Api.Get(path)).Status.ShouldBe(HttpStatusCode.NotFound);

    [GeneratedRegex(@"(?:src|href)=""(/page/[^""]+)""")]
    private static partial Regex Files();

    [GeneratedRegex(@"(?:src|href)=""(?:https?:)?//")]
    private static partial Regex External();
}
