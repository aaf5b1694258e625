using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Splitwiser.Silo.Tests;
using static Microsoft.Playwright.Assertions;

namespace Splitwiser.Page.Tests;

public sealed partial class DeviceViewTests(Chromium chromium)
{
    [Fact]
    public async Task The_live_view_shows_a_request_while_it_runs_and_what_it_left()
    {
        await using var page = await chromium.Open();
        await Expect(page["#health-text"]).ToHaveTextAsync("serving");
        await Expect(page["#model"]).ToHaveTextAsync("demo");
        await Expect(page["#pages-total"]).ToHaveTextAsync("512 of 32 tokens each");
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var stream = Drain(chromium.Silo.Api, ends.Token);
        await Expect(page["#running"]).ToHaveTextAsync("1");
        await Expect(page["#requests tr .phase[data-phase=decode]"]).ToBeVisibleAsync();
        await Expect(page["#requests tr td:nth-child(4)"]).ToHaveTextAsync(Number());
        await Expect(page["#rate"]).ToHaveTextAsync(Number());
        await Expect(page["#pages-leased"]).ToHaveTextAsync(Positive());
        await Expect(page["#lane-decode"]).ToHaveTextAsync(Share());
        await Expect(page["#lanes .decode"]).ToHaveAttributeAsync("d", Drawn());
        await Expect(page["#ttft-50"]).ToHaveTextAsync(Time());
        await Expect(page["#itl-99"]).ToHaveTextAsync(Time());
        await ends.CancelAsync();
        await stream;
        await Expect(page["#running"]).ToHaveTextAsync("0");
        await Expect(page["#requests-note"]).ToHaveTextAsync("none is running");
        await Expect(page["#pages-leased"]).ToHaveTextAsync("0");
    }

    [Fact]
    public async Task A_key_is_asked_for_once_and_then_everything_works()
    {
        await using var silo = await RunningSilo.StartDemo("--api-key", "open sesame");
        await using var page = await chromium.Open(at: silo.Api.Address);
        page.Allowed.Add(401);
        await Expect(page["#key-dialog"]).ToBeVisibleAsync();
        await Expect(page["#key"]).ToBeFocusedAsync();
        await page.Page.Keyboard.TypeAsync("wrong");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page["#key-problem"]).ToHaveTextAsync("That key is not valid here.");
        await page.Page.Keyboard.TypeAsync("open sesame");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page["#key-dialog"]).ToBeHiddenAsync();
        await Expect(page["#health-text"]).ToHaveTextAsync("serving");
        await page.Set("max_tokens", "4");
        await page["#prompt"].FillAsync("Hello");
        await page["#prompt"].PressAsync("Enter");
        await Expect(page[".turn .facts"].Last).ToContainTextAsync("tokens");
    }

    /// <summary>One request after the other, until the test has seen enough.</summary>
    private static async Task Drain(Api api, CancellationToken ct)
    {
        try
        {
            while (true)
                await foreach (var _ in api.Stream("v1/completions", new { prompt = "And", ignore_eos = true, max_tokens = 2040, temperature = 0, stream = true, logprobs = 20 }, ct)) { }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested) { }
    }

    [GeneratedRegex("^[0-9][0-9,]*$")]
    private static partial Regex Number();

    [GeneratedRegex("^[1-9]")]
    private static partial Regex Positive();

    [GeneratedRegex("^[1-9][0-9]* %$")]
    private static partial Regex Share();

    [GeneratedRegex("^[0-9.]+ m?s$")]
    private static partial Regex Time();

    [GeneratedRegex("^M")]
    private static partial Regex Drawn();
}
