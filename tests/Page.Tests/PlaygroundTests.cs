using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Splitwiser.Silo.Tests;
using static Microsoft.Playwright.Assertions;

namespace Splitwiser.Page.Tests;

public sealed partial class PlaygroundTests(Chromium chromium)
{
    private const string Answer = ".turn[data-role=assistant]";

    [Fact]
    public async Task An_answer_streams_in_and_says_what_it_took()
    {
        await using var page = await chromium.Open();
        await page.NoAnswerEndsByItself();
        await page.Set("max_tokens", "1500");
        await page.OnText($"{Answer}.writing .text", "document.body.dataset.written = 'bit by bit';");
        await page["#prompt"].FillAsync("Who was the king of Judah?");
        await page["#chat-send"].ClickAsync();
        await Expect(page[$"{Answer} .facts"]).ToContainTextAsync(Facts());
        await Expect(page["body"]).ToHaveAttributeAsync("data-written", "bit by bit"); // there was text before it was done
        await Expect(page["#outcome"]).ToContainTextAsync("Done:");
        await Expect(page["#prompt"]).ToHaveValueAsync("");
        (await page["#transcript"].GetAttributeAsync("aria-busy")).ShouldBeNull();

        await page.Set("max_tokens", "200");
        await page["#prompt"].FillAsync("And then?");
        await page["#prompt"].PressAsync("Enter");
        await Expect(page[Answer]).ToHaveCountAsync(2);
        await Expect(page[$"{Answer} .facts"].Nth(1)).ToContainTextAsync(Facts());
        var messages = page.Asked[^1].GetProperty("messages");
        messages.EnumerateArray().Select(message => message.Text("role")).ShouldBe(["user", "assistant", "user"]); // the conversation goes along
        await page["#chat-new"].ClickAsync();
        await Expect(page[Answer]).ToHaveCountAsync(0);
        await page["[data-say]"].First.ClickAsync(); // an example, said with a click
        await Expect(page[$"{Answer} .facts"]).ToContainTextAsync(Facts());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_stream_is_stopped_by_its_button_or_by_escape_and_its_pages_come_back(bool button)
    {
        await using var page = await chromium.Open();
        await page.NoAnswerEndsByItself();
        await page.Set("max_tokens", "1900");
        await page.OnText($"{Answer} .text", button
            ? "const stop = document.getElementById('chat-stop'); if (stop.offsetParent) stop.click();"
            : "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));");
        await page["#prompt"].FillAsync("Tell me of the land.");
        await page["#prompt"].PressAsync("Enter");
        await Expect(page[$"{Answer} .text"]).Not.ToBeEmptyAsync();
        await Expect(page[$"{Answer} .facts"]).ToContainTextAsync("stopped by you");
        await Expect(page["#chat-send"]).ToBeVisibleAsync();
        await Expect(page["#prompt"]).ToBeFocusedAsync();
        await Settles.AllPagesAreBack(chromium.Silo.Api);
    }

    [Fact]
    public async Task The_sampling_controls_are_what_is_asked_for_and_are_still_there_after_a_reload()
    {
        await using var page = await chromium.Open();
        await page["#tab-completion"].ClickAsync();
        await page["#sampling summary"].ClickAsync();
        await page["#temperature"].FillAsync("0");
        await page["#max_tokens"].FillAsync("8");
        await page["#top_k"].FillAsync("5");
        await page["#seed"].FillAsync("7");
        await page["#stop"].FillAsync("Selah");
        await Expect(page["#sampling-summary"]).ToHaveTextAsync("temperature 0, at most 8 tokens, seed 7");
        await page.Page.ReloadAsync();
        await page["#tab-completion"].ClickAsync();
        await page["#beginning"].FillAsync("In the beginning");
        await page["#beginning"].PressAsync("Enter");
        await Expect(page["#sheet .text"]).ToHaveTextAsync("In the beginning of the reign of Jehoiakim king of Judah");
        await Expect(page["#sheet .facts"]).ToContainTextAsync("8 tokens");
        var asked = page.Asked[^1];
        asked.GetProperty("temperature").GetDouble().ShouldBe(0);
        (asked.Number("max_tokens"), asked.Number("top_k"), asked.Number("seed"), asked.Text("stop")).ShouldBe((8, 5, 7, "Selah"));

        await page["#completion-go-on"].ClickAsync(); // from where the text ends
        await Expect(page["#sheet .given"]).ToHaveTextAsync("In the beginning of the reign of Jehoiakim king of Judah");
        await Expect(page["#sheet .facts"]).ToContainTextAsync("tokens");
    }

    [Fact]
    public async Task A_refusal_is_shown_in_the_servers_words_and_the_message_comes_back()
    {
        await using var page = await chromium.Open();
        page.Allowed.Add(400);
        await page.Set("max_tokens", "5000");
        await page["#prompt"].FillAsync("Too much");
        await page["#prompt"].PressAsync("Enter");
        await Expect(page["#transcript [role=alert]"]).ToContainTextAsync("more than the context of 2048");
        await Expect(page["#prompt"]).ToHaveValueAsync("Too much");
        await page.Set("max_tokens", "4");
        await page["#prompt"].PressAsync("Enter");
        await Expect(page[$"{Answer} .facts"]).ToContainTextAsync(Facts());
    }

    [Fact]
    public async Task A_server_that_is_gone_is_said_to_be_so()
    {
        await using var page = await chromium.Open();
        page.Allowed.Add(0);
        await page.Page.RouteAsync("**/v1/**", route => route.AbortAsync());
        await page["#prompt"].FillAsync("Anybody there?");
        await page["#prompt"].PressAsync("Enter");
        await Expect(page["#transcript [role=alert]"]).ToHaveTextAsync("The server can't be reached.");
    }

    [Fact]
    public async Task A_number_out_of_range_is_told_at_its_control_and_not_sent()
    {
        await using var page = await chromium.Open();
        await page.Set("max_tokens", "0");
        await page["#prompt"].FillAsync("Hello");
        await page["#prompt"].PressAsync("Enter");
        await Expect(page["#max_tokens"]).ToBeFocusedAsync();
        page.Asked.ShouldBeEmpty();
    }

    [GeneratedRegex(@"first token after [\d.]+ m?s · .*\d+ tokens")]
    private static partial Regex Facts();
}
