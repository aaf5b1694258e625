using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Splitwiser.Page.Tests;

/// <summary>For those who see little, use no mouse, or hold a phone.</summary>
public sealed class AccessTests(Chromium chromium)
{
    [Fact]
    public async Task The_keyboard_alone_is_enough()
    {
        await using var page = await chromium.Open();
        await page.NoAnswerEndsByItself();
        await page.Set("max_tokens", "12");
        var keys = page.Page.Keyboard;
        await page["body"].FocusAsync();
        await keys.PressAsync("Tab");
        await Expect(page[".skip"]).ToBeFocusedAsync();
        await keys.PressAsync("Enter");
        await Expect(page["#prompt"]).ToBeFocusedAsync();
        await keys.TypeAsync("Hello");
        await keys.PressAsync("Shift+Enter");
        await keys.TypeAsync("there");
        await Expect(page["#prompt"]).ToHaveValueAsync("Hello\nthere");
        await keys.PressAsync("Enter");
        await Expect(page[".turn .facts"].Last).ToContainTextAsync("tokens");

        await page["#tab-chat"].FocusAsync();
        await keys.PressAsync("ArrowRight");
        await Expect(page["#tab-completion"]).ToBeFocusedAsync();
        await Expect(page["#completion"]).ToBeVisibleAsync();
        await keys.PressAsync("Tab");
        await Expect(page["#sheet"]).ToBeFocusedAsync();
        await keys.PressAsync("Tab");
        await Expect(page["#beginning"]).ToBeFocusedAsync();
        await page["#sampling summary"].FocusAsync();
        await keys.PressAsync("Enter");
        await keys.PressAsync("Tab");
        await Expect(page["#temperature"]).ToBeFocusedAsync();
        await keys.PressAsync("ArrowRight");
        await Expect(page["output[for=temperature]"]).ToHaveTextAsync("0.85");
    }

    [Fact]
    public async Task Every_control_has_a_name_and_every_region_a_heading()
    {
        await using var page = await chromium.Open();
        var nameless = await page.Page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll("input, textarea, button, select")]
                .filter(control => !(control.labels?.length || control.textContent.trim() || control.getAttribute("aria-label")))
                .map(control => control.outerHTML)
            """);
        nameless.ShouldBeEmpty();
        var dangling = await page.Page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll("[aria-labelledby], [aria-controls], [for]")]
                .flatMap(one => ["aria-labelledby", "aria-controls", "for"].flatMap(name => (one.getAttribute(name) ?? "").split(" ").filter(Boolean)))
                .filter(id => !document.getElementById(id))
            """);
        dangling.ShouldBeEmpty();
        (await page["main section[aria-labelledby]"].CountAsync()).ShouldBe(2);
        (await page["[role=log]"].CountAsync()).ShouldBe(2);
    }

    [Theory, InlineData(ColorScheme.Light), InlineData(ColorScheme.Dark)]
    public async Task Text_stands_out_from_what_is_behind_it(ColorScheme scheme)
    {
        await using var page = await chromium.Open(new() { ColorScheme = scheme });
        var colours = await page.Page.EvaluateAsync<JsonElement>("""
            () => Object.fromEntries(["paper", "surface", "sunken", "ink", "muted", "prefill", "prefill-soft", "decode", "decode-soft", "bad", "bad-soft", "go", "go-ink"].map(name => {
                const probe = document.body.appendChild(document.createElement("i"));
                probe.style.color = `var(--${name})`;
                const [r, g, b] = getComputedStyle(probe).color.match(/\d+/g).map(Number);
                probe.remove();
                return [name, [r, g, b]];
            }))
            """);
        foreach (var (text, behind) in new[]
        {
            ("ink", "paper"), ("ink", "surface"), ("ink", "sunken"), ("muted", "paper"), ("muted", "surface"), ("muted", "sunken"), ("ink", "prefill-soft"),
            ("prefill", "surface"), ("prefill", "prefill-soft"), ("decode", "decode-soft"), ("bad", "bad-soft"), ("bad", "surface"), ("go-ink", "go"),
        })
            Contrast(colours.GetProperty(text), colours.GetProperty(behind)).ShouldBeGreaterThanOrEqualTo(4.5, $"{text} on {behind}, {scheme}"); // WCAG 2.2, AA
    }

    [Fact]
    public async Task A_phone_shows_one_view_at_a_time_and_never_scrolls_sideways()
    {
        await using var page = await chromium.Open(new() { ViewportSize = new() { Width = 390, Height = 844 }, IsMobile = true, HasTouch = true });
        await Expect(page["#device-title"]).ToBeHiddenAsync();
        (await Width(page)).ShouldBeLessThanOrEqualTo(390);
        await page["[data-show=device]"].TapAsync();
        await Expect(page["#device-title"]).ToBeVisibleAsync();
        await Expect(page["#prompt"]).ToBeHiddenAsync();
        await Expect(page["#running"]).ToHaveTextAsync("0");
        (await Width(page)).ShouldBeLessThanOrEqualTo(390);
        await page["[data-show=playground]"].TapAsync();
        await page["#sampling summary"].TapAsync();
        (await Width(page)).ShouldBeLessThanOrEqualTo(390);
    }

    private static Task<int> Width(Visit page) => page.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");

    /// <summary>WCAG's ratio of relative luminances.</summary>
    private static double Contrast(JsonElement one, JsonElement other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static double Luminance(JsonElement rgb)
    {
        var parts = rgb.EnumerateArray().Select(part => part.GetInt32() / 255.0).Select(c => c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4)).ToArray();
        return (0.2126 * parts[0]) + (0.7152 * parts[1]) + (0.0722 * parts[2]);
    }
}
