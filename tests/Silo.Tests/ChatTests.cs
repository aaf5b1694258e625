namespace Splitwiser.Silo.Tests;

public sealed class ChatTests(DemoSilo silo)
{
    private static readonly object[] Messages = [new { role = "system", content = "In the" }, new { role = "user", content = new[] { new { type = "text", text = "beginning" } } }];

    [Fact]
    public async Task A_chat_is_the_prompt_that_its_template_makes()
    {
        var answer = (await silo.Api.Post("v1/chat/completions", new { messages = Messages, temperature = 0, max_tokens = 12, return_token_ids = true })).Success();
        var prompt = (await silo.Api.Post("tokenize", new { messages = Messages })).Success().Ints("tokens");
        var plain = await silo.Api.Complete(new { prompt = "In the\nbeginning", add_special_tokens = false, temperature = 0, max_tokens = 12, return_token_ids = true });
        answer.Ints("prompt_token_ids").ShouldBe(prompt);
        plain.Choice().Ints("prompt_token_ids").ShouldBe(prompt);
        answer.Choice().TokenIds().ShouldBe(plain.Choice().TokenIds());
        answer.Choice().GetProperty("message").Text("content").ShouldBe(plain.Choice().Text("text"));
        answer.Choice().GetProperty("message").Text("role").ShouldBe("assistant");
        answer.Choice().Text("finish_reason").ShouldBe("length");
        answer.Text("object").ShouldBe("chat.completion");
        answer.GetProperty("usage").Number("prompt_tokens").ShouldBe(prompt.Length);
    }

    [Fact]
    public async Task A_streamed_chat_begins_with_its_role_and_says_the_same()
    {
        var whole = (await silo.Api.Post("v1/chat/completions", new { messages = Messages, temperature = 0, max_completion_tokens = 12 })).Success();
        var events = await silo.Api.Events("v1/chat/completions", new { messages = Messages, temperature = 0, max_completion_tokens = 12, stream = true, stream_options = new { include_usage = true } });
        var deltas = events.ChoicesOf(0).Select(choice => choice.GetProperty("delta")).ToArray();
        deltas[0].Text("role").ShouldBe("assistant");
        string.Concat(deltas.Select(delta => delta.Text("content"))).ShouldBe(whole.Choice().GetProperty("message").Text("content"));
        events.ChoicesOf(0).Last().Text("finish_reason").ShouldBe("length");
        events[^1].GetProperty("usage").Number("completion_tokens").ShouldBe(12);
        events.ShouldAllBe(item => item.Text("object") == "chat.completion.chunk");
    }

    [Fact]
    public async Task Chat_logprobs_carry_bytes_and_the_most_likely_tokens()
    {
        var answer = (await silo.Api.Post("v1/chat/completions", new { messages = Messages, temperature = 0, max_tokens = 5, logprobs = true, top_logprobs = 3 })).Success();
        var content = answer.Choice().GetProperty("logprobs").GetProperty("content").EnumerateArray().ToArray();
        content.Length.ShouldBe(5);
        foreach (var token in content)
        {
            System.Text.Encoding.UTF8.GetString([.. token.Ints("bytes").Select(part => (byte)part)]).ShouldBe(token.Text("token"));
            var top = token.GetProperty("top_logprobs");
            top.GetArrayLength().ShouldBe(3);
            top[0].Text("token").ShouldBe(token.Text("token")); // greedy
            top[0].GetProperty("logprob").GetSingle().ShouldBe(token.GetProperty("logprob").GetSingle());
        }
    }

    [Fact]
    public async Task Without_max_tokens_a_chat_may_fill_the_context()
    {
        var answer = (await silo.Api.Post("v1/chat/completions", new { messages = Messages, temperature = 0, stop = " the" })).Success();
        answer.Choice().Text("finish_reason").ShouldBe("stop");
        answer.Choice().Text("stop_reason").ShouldBe(" the");
    }
}
