using System.Text.Json;

namespace Splitwiser.Silo.Tests;

/// <summary>allowed_token_ids and bad_words: what may not come does not, however it is sampled.</summary>
public sealed class BannedTokenTests(DemoSilo silo)
{
    [Fact]
    public async Task An_answer_has_allowed_tokens_alone()
    {
        int[] allowed = [260, 300, 301, 350, 999];
        foreach (var temperature in new[] { 0.0, 1.5 })
        {
            var choice = (await silo.Api.Complete(new { prompt = "In the beginning", temperature, seed = 3, max_tokens = 40, ignore_eos = true, allowed_token_ids = allowed, return_token_ids = true })).Choice();
            choice.TokenIds().Length.ShouldBe(40);
            choice.TokenIds().ShouldAllBe(id => allowed.Contains(id));
        }

        var logprobs = (await silo.Api.Complete(new { prompt = "In the beginning", temperature = 0, max_tokens = 3, ignore_eos = true, allowed_token_ids = new[] { 5 }, logprobs = 2 })).Choice().GetProperty("logprobs");
        logprobs.GetProperty("token_logprobs").EnumerateArray().ShouldAllBe(logprob => logprob.GetSingle() < -1, "they are of the model's own distribution");
    }

    [Fact]
    public async Task A_bad_word_of_one_token_or_several_does_not_come()
    {
        const string Prompt = "In the beginning";
        var free = await Text(Prompt, []);
        var words = free.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var bad in new[] { words[1], $"{words[2]} {words[3]}" })
        {
            free.ShouldContain(bad);
            var text = await Text(Prompt, [bad]);
            text.ShouldNotContain($" {bad}");
            text.ShouldStartWith(free[..free.IndexOf(bad, StringComparison.Ordinal)].TrimEnd(), customMessage: "what comes before it is as it was");
        }
    }

    [Fact]
    public async Task Bans_hold_within_a_format()
    {
        string[] choices = ["yes", "no"];
        async Task<JsonElement> Choose(int[]? allowed) =>
            (await silo.Api.Complete(new { prompt = "x", temperature = 0, max_tokens = 20, guided_choice = choices, allowed_token_ids = allowed })).Choice();
        var free = (await Choose(null)).Text("text");
        var other = choices.Single(choice => choice != free);
        var forced = await Choose((await silo.Api.Post("tokenize", new { prompt = other, add_special_tokens = false })).Success().Ints("tokens"));
        forced.Text("text").ShouldBe(other);
        forced.Text("finish_reason").ShouldBe("stop");
    }

    [Fact]
    public async Task An_answer_ends_where_bans_leave_no_token()
    {
        await using var own = await RunningSilo.StartDemo();
        var text = await own.Api.Complete(new { prompt = "In the beginning", temperature = 0, max_tokens = 3, return_token_ids = true });
        var ids = text.Choice().TokenIds();
        var answer = (await own.Api.Complete(new { prompt = "In the beginning", temperature = 0, max_tokens = 9, allowed_token_ids = ids[..1], bad_words = new[] { await Spelled([ids[0], ids[0]]) }, return_token_ids = true })).Choice();
        answer.TokenIds().ShouldBe(ids[..1]);
        answer.Text("finish_reason").ShouldBe("stop");
        await Settles.AllPagesAreBack(own.Api);
    }

    [Fact]
    public async Task Nothing_left_to_say_is_a_bad_request()
    {
        var word = await silo.Api.Complete(new { prompt = "In the beginning", temperature = 0, max_tokens = 1, return_token_ids = true });
        var id = word.Choice().TokenIds()[0];
        var refused = await silo.Api.Post("v1/completions", new { prompt = "x", allowed_token_ids = new[] { id }, bad_words = new[] { await Spelled([id]) } });
        refused.Status.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        refused.Error();
    }

    private async Task<string> Text(string prompt, string[] badWords) =>
        (await silo.Api.Complete(new { prompt, temperature = 0, max_tokens = 40, ignore_eos = true, bad_words = badWords })).Choice().Text("text")!;

    private async Task<string> Spelled(int[] ids) => (await silo.Api.Post("detokenize", new { tokens = ids })).Success().Text("prompt")!;
}
