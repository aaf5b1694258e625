using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;

namespace Splitwiser.Page.Tests;

/// <summary>One open page. What its console complains of, blocked scripts and styles included, fails the test at the end.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly ConcurrentQueue<string> faults = [];
    private readonly ConcurrentQueue<IConsoleMessage> complaints = [];      // judged at the end: some come before the test has said what it allows
    private readonly ConcurrentQueue<JsonElement> asked = [];

    public Visit(IBrowserContext context, IPage page)
    {
        (this.context, Page) = (context, page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                complaints.Enqueue(message);
        };
        page.PageError += (_, error) => faults.Enqueue(error);
        page.Request += (_, request) =>
        {
            if (request is { Method: "POST", PostData: { } body })
                asked.Enqueue(JsonElement.Parse(body));
        };
    }

    public IPage Page { get; }

    /// <summary>The bodies that the page posted, as they left it.</summary>
    public IReadOnlyList<JsonElement> Asked => [.. asked];

    public ILocator this[string selector] => Page.Locator(selector);

    /// <summary>Status codes that the test brings about, 0 for no answer: the browser reports each on its console.</summary>
    public List<int> Allowed { get; } = [];

    /// <summary>Answers go on until they are stopped, or have so many tokens as was asked for.</summary>
    public Task NoAnswerEndsByItself() => Page.RouteAsync("**/v1/**", route =>
        route.ContinueAsync(new() { PostData = System.Text.Encoding.UTF8.GetBytes(route.Request.PostData!.Insert(1, "\"ignore_eos\":true,")) }));

    public Task Set(string control, string value) => Page.EvaluateAsync(
        "([id, value]) => { const c = document.getElementById(id); c.value = value; c.dispatchEvent(new Event('input', { bubbles: true })); }", new[] { control, value });

    /// <summary>The page itself runs a script as soon as there is text at a place: an answer may be over before a command of the test reaches the browser.</summary>
    public Task OnText(string selector, string script) => Page.EvaluateAsync(
        $"selector => new MutationObserver((_, seen) => {{ if (document.querySelector(selector)?.textContent) {{ seen.disconnect(); {script} }} }}).observe(document.body, {{ childList: true, subtree: true, characterData: true }})", selector);

    public async ValueTask DisposeAsync()
    {
        await context.DisposeAsync();
        faults.Concat(from message in complaints where !IsExpected(message) select $"{message.Type}: {message.Text}").ShouldBeEmpty();
    }

    private bool IsExpected(IConsoleMessage message) =>
        Allowed.Any(status => message.Text.Contains($"status of {status}", StringComparison.Ordinal)) || (Allowed.Contains(0) && message.Text.Contains("net::ERR_", StringComparison.Ordinal));
}
