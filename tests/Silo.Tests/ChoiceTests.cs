using System.Text.Json;

namespace Splitwiser.Silo.Tests;

/// <summary>Several answers to a prompt, the best of several, and the prompt before them.</summary>
public sealed class ChoiceTests(DemoSilo silo)
{
    private static readonly string Long = string.Join(" ", Enumerable.Repeat("And the children of Israel went up from Egypt, and they came unto the river.", 6));

    [Fact]
    public async Task The_answers_of_a_seed_are_those_of_the_seeds_that_follow_it()
    {
        var together = await silo.Api.Complete(new { prompt = Long, temperature = 1, seed = 40, n = 3, max_tokens = 12, return_token_ids = true });
        for (var i = 0; i < 3; i++)
        {
            var alone = await silo.Api.Complete(new { prompt = Long, temperature = 1, seed = 40 + i, max_tokens = 12, return_token_ids = true });
            together.Choice(i).Number("index").ShouldBe(i);
            together.Choice(i).TokenIds().ShouldBe(alone.Choice().TokenIds());
        }

        together.GetProperty("choices").GetArrayLength().ShouldBe(3);
        Enumerable.Range(0, 3).Select(i => together.Choice(i).Text("text")).Distinct().Count().ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task The_prompt_is_computed_once_and_counted_once()
    {
        await using var own = await RunningSilo.StartDemo(); // whose counters no other test moves
        var usage = (await own.Api.Complete(new { prompt = Long, temperature = 1, n = 4, max_tokens = 5, ignore_eos = true })).GetProperty("usage");
        var length = (await own.Api.Post("tokenize", new { prompt = Long })).Success().Number("count");
        usage.Number("prompt_tokens").ShouldBe(length);
        usage.Number("completion_tokens").ShouldBe(20);
        usage.GetProperty("prompt_tokens_details").Number("cached_tokens").ShouldBe(0);
        (await Metrics.Scrape(own.Api)).Sum("vllm:prefix_cache_hits_total").ShouldBe(3 * (length / 32 * 32)); // the three others leased its full pages
    }

    [Fact]
    public async Task Streamed_answers_say_what_whole_ones_say()
    {
        var whole = await silo.Api.Complete(new { prompt = new[] { "And the king", "In the" }, temperature = 1, seed = 3, n = 2, max_tokens = 10, echo = true });
        var events = await silo.Api.Events("v1/completions", new { prompt = new[] { "And the king", "In the" }, temperature = 1, seed = 3, n = 2, max_tokens = 10, echo = true, stream = true, stream_options = new { include_usage = true } });
        for (var i = 0; i < 4; i++)
            events.JoinedText(i).ShouldBe(whole.Choice(i).Text("text"));
        events[^1].GetProperty("usage").GetRawText().ShouldBe(whole.GetProperty("usage").GetRawText());
        whole.Choice(1).Text("text").ShouldStartWith("And the king");
        whole.Choice(2).Text("text").ShouldStartWith("In the");
    }

    [Fact]
    public async Task A_chat_has_as_many_choices_as_it_asks_for()
    {
        var messages = new[] { new { role = "user", content = "And the king said" } };
        var whole = (await silo.Api.Post("v1/chat/completions", new { messages, temperature = 1, seed = 3, n = 3, max_tokens = 8 })).Success();
        var events = await silo.Api.Events("v1/chat/completions", new { messages, temperature = 1, seed = 3, n = 3, max_tokens = 8, stream = true });
        for (var i = 0; i < 3; i++)
        {
            var deltas = events.ChoicesOf(i).Select(choice => choice.GetProperty("delta")).ToArray();
            deltas.Count(delta => delta.TryGetProperty("role", out _)).ShouldBe(1);
            string.Concat(deltas.Select(delta => delta.Text("content"))).ShouldBe(whole.Choice(i).GetProperty("message").Text("content"));
            events.ChoicesOf(i).Count(choice => choice.Text("finish_reason") == "length").ShouldBe(1);
        }
    }

    [Fact]
    public async Task The_best_of_many_are_the_most_likely_ones()
    {
        var all = await silo.Api.Complete(new { prompt = "And the king", temperature = 1.5, seed = 9, n = 6, max_tokens = 12, ignore_eos = true, logprobs = 0 });
        var best = await silo.Api.Complete(new { prompt = "And the king", temperature = 1.5, seed = 9, n = 2, best_of = 6, max_tokens = 12, ignore_eos = true });
        var ranked = all.GetProperty("choices").EnumerateArray().OrderByDescending(choice => choice.GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Average(logprob => logprob.GetDouble()));
        best.GetProperty("choices").EnumerateArray().Select(choice => choice.Text("text")).ShouldBe([.. ranked.Take(2).Select(choice => choice.Text("text"))]);
        best.Choice(1).Number("index").ShouldBe(1);
        best.Choice().GetProperty("logprobs").ValueKind.ShouldBe(JsonValueKind.Null);
        best.GetProperty("usage").Number("completion_tokens").ShouldBe(72);
    }

    [Fact]
    public async Task The_best_can_not_be_streamed()
    {
        var answer = await silo.Api.Post("v1/completions", new { prompt = "x", best_of = 2, stream = true });
        answer.Status.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        answer.Error().Text("param").ShouldBe("best_of");
    }

    [Fact]
    public async Task An_echo_alone_generates_nothing()
    {
        var answer = await silo.Api.Complete(new { prompt = GoldenPrompt.All[0].PromptIds, echo = true, max_tokens = 0, temperature = 0 });
        answer.Choice().Text("text").ShouldBe(GoldenPrompt.All[0].Prompt);
        answer.Choice().Text("finish_reason").ShouldBe("length");
        answer.GetProperty("usage").Number("completion_tokens").ShouldBe(0);
        answer.GetProperty("usage").Number("prompt_tokens").ShouldBe(GoldenPrompt.All[0].PromptIds.Length);
    }

    [Fact]
    public async Task Echoed_tokens_have_the_logprobs_that_they_have_as_answers()
    {
        var golden = GoldenPrompt.All[0];
        var asked = new Dictionary<string, object> { ["prompt"] = golden.Prompt + golden.GreedyText, ["echo"] = true, ["max_tokens"] = 0, ["logprobs"] = 2, ["n"] = 2 };
        var whole = await silo.Api.Complete(asked);
        var echoed = whole.Choice().GetProperty("logprobs");
        var answered = (await silo.Api.Complete(new { prompt = golden.Prompt, temperature = 0, max_tokens = golden.GreedyIds.Length, logprobs = 2 })).Choice().GetProperty("logprobs");
        var count = echoed.GetProperty("tokens").GetArrayLength();
        var tail = golden.GreedyIds.Length;
        echoed.GetProperty("token_logprobs")[0].ValueKind.ShouldBe(JsonValueKind.Null);
        echoed.GetProperty("top_logprobs")[0].ValueKind.ShouldBe(JsonValueKind.Null);
        foreach (var list in new[] { "tokens", "token_logprobs", "top_logprobs" })
        {
            echoed.GetProperty(list).GetArrayLength().ShouldBe(count);
            echoed.GetProperty(list).EnumerateArray().Skip(count - tail).Select(item => item.GetRawText()).ShouldBe(answered.GetProperty(list).EnumerateArray().Select(item => item.GetRawText()));
        }

        var (text, offsets) = (whole.Choice().Text("text"), echoed.Ints("text_offset"));
        for (var i = 1; i < count; i++)
            text[offsets[i]..].ShouldStartWith(echoed.GetProperty("tokens")[i].GetString()!);
        whole.Choice(1).GetProperty("logprobs").GetRawText().ShouldBe(echoed.GetRawText());
        var streamed = (await silo.Api.Events("v1/completions", new Dictionary<string, object>(asked) { ["stream"] = true })).ChoicesOf(0).First();
        streamed.GetProperty("logprobs").GetRawText().ShouldBe(echoed.GetRawText());
    }

    [Fact]
    public async Task A_refusal_refuses_all_answers_and_leaves_no_page()
    {
        await using var own = await RunningSilo.StartDemo();
        var answer = await own.Api.Post("v1/completions", new { prompt = "x", n = 5, temperature = 9 });
        answer.Status.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        await Settles.AllPagesAreBack(own.Api);
    }
}
