using Microsoft.Playwright;
using Splitwiser.Page.Tests;
using Splitwiser.Silo.Tests;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Splitwiser.Page.Tests;

/// <summary>One headless browser and one silo of the demo model for all tests. Where Chromium isn't installed, they skip themselves.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const float Patience = 30_000; // ms; a slow machine's, not a wait
    private static readonly string? Binary = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    private IPlaywright? playwright;
    private IBrowser? browser;
    private RunningSilo? silo;

    internal RunningSilo Silo => silo!;

    public async ValueTask InitializeAsync()
    {
        if (Binary is null)
            return;
        Assertions.SetDefaultExpectTimeout(Patience);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Binary, Args = ["--no-sandbox", "--disable-gpu"] }); // CI runs as root
        silo = await RunningSilo.StartDemo();
    }

    /// <summary>Opens the page in a browser profile of its own.</summary>
    /// <param name="at">Another silo than the shared one.</param>
    internal async Task<Visit> Open(BrowserNewContextOptions? options = null, Uri? at = null)
    {
        Assert.SkipWhen(browser is null, "Chromium is not installed here (apt-get install chromium).");
        var context = await browser!.NewContextAsync(options ?? new() { ViewportSize = new() { Width = 1360, Height = 900 } });
        context.SetDefaultTimeout(Patience);
        var visit = new Visit(context, await context.NewPageAsync());
        await visit.Page.GotoAsync((at ?? Silo.Api.Address).ToString());
        return visit;
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
        if (silo is not null)
            await silo.DisposeAsync();
    }
}
