namespace Splitwiser.Silo.Tests;

public sealed class CompletionTests(DemoSilo silo)
{
    private static readonly object Sampled = new { prompt = "And the king said", temperature = 0.8, seed = 7, max_tokens = 40, return_token_ids = true };

    [Fact]
    public async Task A_stream_says_what_the_whole_answer_says()
    {
        var whole = await silo.Api.Complete(Sampled);
        var events = await silo.Api.Events("v1/completions", new { prompt = "And the king said", temperature = 0.8, seed = 7, max_tokens = 40, return_token_ids = true, stream = true, stream_options = new { include_usage = true } });
        events.JoinedText().ShouldBe(whole.Choice().Text("text"));
        events.JoinedIds().ShouldBe(whole.Choice().TokenIds());
        events.ChoicesOf(0).Select(choice => choice.Text("finish_reason")).ShouldBe([.. Enumerable.Repeat<string?>(null, events.Count - 2), "length"]);
        events[^1].GetProperty("choices").GetArrayLength().ShouldBe(0);
        events[^1].GetProperty("usage").Number("completion_tokens").ShouldBe(40);
        events.Select(item => item.Text("id")).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_seed_makes_a_sampled_answer_repeatable()
    {
        var first = await silo.Api.Complete(Sampled);
        (await silo.Api.Complete(Sampled)).Choice().TokenIds().ShouldBe(first.Choice().TokenIds());
        var other = await silo.Api.Complete(new { prompt = "And the king said", temperature = 0.8, seed = 8, max_tokens = 40, return_token_ids = true });
        other.Choice().TokenIds().ShouldNotBe(first.Choice().TokenIds());
    }

    [Fact]
    public async Task A_list_of_prompts_has_a_choice_each_and_one_usage()
    {
        var goldens = GoldenPrompt.All.Take(3).ToArray();
        var answer = await silo.Api.Complete(new { prompt = goldens.Select(golden => golden.Prompt), temperature = 0, max_tokens = 8, return_token_ids = true });
        for (var i = 0; i < goldens.Length; i++)
        {
            answer.Choice(i).Number("index").ShouldBe(i);
            answer.Choice(i).TokenIds().ShouldBe(goldens[i].GreedyIds[..8]);
        }

        var usage = answer.GetProperty("usage");
        usage.Number("prompt_tokens").ShouldBe(goldens.Sum(golden => golden.PromptIds.Length));
        usage.Number("completion_tokens").ShouldBe(24);
        usage.Number("total_tokens").ShouldBe(usage.Number("prompt_tokens") + 24);
    }

    [Fact]
    public async Task A_streamed_list_of_prompts_interleaves_its_choices()
    {
        var goldens = GoldenPrompt.All;
        var events = await silo.Api.Events("v1/completions", new { prompt = goldens.Select(golden => golden.PromptIds), temperature = 0, max_tokens = 12, return_token_ids = true, stream = true });
        for (var i = 0; i < goldens.Count; i++)
        {
            events.JoinedIds(i).ShouldBe(goldens[i].GreedyIds[..12]);
            events.ChoicesOf(i).First().Ints("prompt_token_ids").ShouldBe(goldens[i].PromptIds);
        }
    }

    [Theory, InlineData(false, " of the reign of Jehoiakim king of"), InlineData(true, " of the reign of Jehoiakim king of Judah")]
    public async Task A_stop_string_ends_the_answer(bool include, string text)
    {
        var answer = await silo.Api.Complete(new { prompt = "In the beginning", temperature = 0, max_tokens = 48, stop = new[] { "xyzzy", " Judah" }, include_stop_str_in_output = include });
        answer.Choice().Text("text").ShouldBe(text);
        answer.Choice().Text("finish_reason").ShouldBe("stop");
        answer.Choice().Text("stop_reason").ShouldBe(" Judah");
        answer.GetProperty("usage").Number("completion_tokens").ShouldBe(8);
    }

    [Fact]
    public async Task A_stop_string_that_tokens_cut_apart_never_shows_in_a_stream()
    {
        var events = await silo.Api.Events("v1/completions", new { prompt = "In the beginning", temperature = 0, max_tokens = 48, stop = "of Judah, and", stream = true });
        events.JoinedText().ShouldBe(" of the reign of Jehoiakim king ");
        events.ChoicesOf(0).Last().Text("stop_reason").ShouldBe("of Judah, and");
    }

    [Fact]
    public async Task A_stop_token_is_told_by_its_id()
    {
        var judah = GoldenPrompt.All[0].GreedyIds[7];
        var answer = await silo.Api.Complete(new { prompt = "In the beginning", temperature = 0, max_tokens = 48, stop_token_ids = new[] { judah } });
        answer.Choice().Text("finish_reason").ShouldBe("stop");
        answer.Choice().GetProperty("stop_reason").GetInt32().ShouldBe(judah);
        answer.Choice().Text("text").ShouldBe(" of the reign of Jehoiakim king of");
    }

    [Fact]
    public async Task Min_tokens_holds_a_stop_token_back()
    {
        var judah = GoldenPrompt.All[0].GreedyIds[7];
        var answer = await silo.Api.Complete(new { prompt = "In the beginning", temperature = 0, max_tokens = 20, min_tokens = 12, stop_token_ids = new[] { judah }, return_token_ids = true });
        answer.Choice().TokenIds().Take(12).ShouldNotContain(judah);
        answer.GetProperty("usage").Number("completion_tokens").ShouldBeGreaterThanOrEqualTo(12);
    }

    [Fact]
    public async Task A_biased_token_is_the_answer()
    {
        var answer = await silo.Api.Complete(new { prompt = "In the beginning", temperature = 0, max_tokens = 3, logit_bias = new Dictionary<string, int> { ["1143"] = 100 }, return_token_ids = true });
        answer.Choice().TokenIds().ShouldBe([1143, 1143, 1143]);
    }

    [Fact]
    public async Task Logprobs_come_in_four_lists_and_whole_or_streamed_alike()
    {
        var request = new Dictionary<string, object> { ["prompt"] = "In the beginning", ["temperature"] = 0, ["max_tokens"] = 6, ["logprobs"] = 2 };
        var whole = (await silo.Api.Complete(request)).Choice();
        var lists = whole.GetProperty("logprobs");
        var tokens = lists.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!).ToArray();
        string.Concat(tokens).ShouldBe(whole.Text("text"));
        lists.Ints("text_offset").ShouldBe([.. tokens.Select((_, i) => tokens.Take(i).Sum(token => token.Length))]);
        for (var i = 0; i < tokens.Length; i++)
        {
            var (top, own) = (lists.GetProperty("top_logprobs")[i], lists.GetProperty("token_logprobs")[i].GetSingle());
            top.GetProperty(tokens[i]).GetSingle().ShouldBe(own); // greedy: the sampled token is the most likely one
            top.EnumerateObject().Max(member => member.Value.GetSingle()).ShouldBe(own);
            top.EnumerateObject().Count().ShouldBe(2);
        }

        request["stream"] = true;
        var streamed = (await silo.Api.Events("v1/completions", request)).ChoicesOf(0).Select(choice => choice.GetProperty("logprobs")).ToArray();
        streamed.SelectMany(piece => piece.Ints("text_offset")).ShouldBe(lists.Ints("text_offset"));
        streamed.SelectMany(piece => piece.GetProperty("token_logprobs").EnumerateArray()).Select(logprob => logprob.GetSingle())
            .ShouldBe(lists.GetProperty("token_logprobs").EnumerateArray().Select(logprob => logprob.GetSingle()));
    }

    [Fact]
    public async Task A_prompt_that_was_seen_comes_from_the_cache_and_changes_nothing()
    {
        var prompt = string.Join(" ", Enumerable.Repeat("And the children of Israel went up from Egypt, and they came unto the river.", 6));
        var request = new { prompt, temperature = 0, max_tokens = 12, return_token_ids = true, cache_salt = $"{Guid.NewGuid()}" };
        var first = await silo.Api.Complete(request);
        var second = await silo.Api.Complete(request);
        Cached(first).ShouldBe(0);
        Cached(second).ShouldBeGreaterThanOrEqualTo(32);
        second.Choice().TokenIds().ShouldBe(first.Choice().TokenIds());
        var salted = await silo.Api.Complete(new { prompt, temperature = 0, max_tokens = 12, cache_salt = $"{Guid.NewGuid()}" });
        Cached(salted).ShouldBe(0);

        static int Cached(System.Text.Json.JsonElement answer) => answer.GetProperty("usage").GetProperty("prompt_tokens_details").Number("cached_tokens");
    }

    [Fact]
    public async Task Continuous_usage_grows_with_the_stream()
    {
        var events = await silo.Api.Events("v1/completions", new { prompt = "In the beginning", temperature = 0, max_tokens = 10, stream = true, stream_options = new { include_usage = true, continuous_usage_stats = true } });
        var counts = events.Select(item => item.GetProperty("usage").Number("completion_tokens")).ToArray();
        counts.ShouldBeInOrder();
        counts[^1].ShouldBe(10);
    }

    [Fact]
    public async Task Unknown_fields_and_nulls_are_ignored()
    {
        var answer = await silo.Api.Post("v1/completions", """{"prompt": "In the", "max_tokens": 2, "flux": {"a": [1]}, "temperature": null, "n": 1, "echo": false, "suffix": null, "best_of": 1, "user": "me"}""");
        answer.Success().GetProperty("usage").Number("completion_tokens").ShouldBe(2);
    }
}
