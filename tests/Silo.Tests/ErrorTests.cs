using System.Net;
using System.Text;
using System.Text.Json;

namespace Splitwiser.Silo.Tests;

public sealed class ErrorTests(DemoSilo silo)
{
    /// <summary>A body, and the field that its 400 names.</summary>
    public static TheoryData<string, string?> BadCompletions => new()
    {
        { """{"prompt": "x", "temperature": "hot"}""", "temperature" },
        { """{"prompt": "x", "temperature": 2.5}""", "temperature" },
        { """{"prompt": "x", "temperature": -1}""", "temperature" },
        { """{"prompt": "x", "temperature": 1e99}""", "temperature" },
        { """{"prompt": "x", "top_p": 0}""", "top_p" },
        { """{"prompt": "x", "top_k": 1.5}""", "top_k" },
        { """{"prompt": "x", "top_k": -2}""", "top_k" },
        { """{"prompt": "x", "min_p": 2}""", "min_p" },
        { """{"prompt": "x", "repetition_penalty": 0}""", "repetition_penalty" },
        { """{"prompt": "x", "presence_penalty": 3}""", "presence_penalty" },
        { """{"prompt": "x", "frequency_penalty": -3}""", "frequency_penalty" },
        { """{"prompt": "x", "max_tokens": 0}""", "max_tokens" },
        { """{"prompt": "x", "max_tokens": true}""", "max_tokens" },
        { """{"prompt": "x", "max_tokens": 2048}""", "max_tokens" },
        { """{"prompt": "x", "max_tokens": 99999999999}""", "max_tokens" },
        { """{"prompt": "x", "min_tokens": 17}""", "min_tokens" },
        { """{"prompt": "x", "seed": 0.5}""", "seed" },
        { """{"prompt": "x", "stream": "yes"}""", "stream" },
        { """{"prompt": "x", "stream_options": {"include_usage": 1}}""", "stream_options.include_usage" },
        { """{"prompt": "x", "stop": 5}""", "stop" },
        { """{"prompt": "x", "stop": ["a", 5]}""", "stop" },
        { """{"prompt": "x", "stop": ""}""", "stop" },
        { """{"prompt": "x", "stop_token_ids": ["a"]}""", "stop_token_ids[0]" },
        { """{"prompt": "x", "stop_token_ids": [4096]}""", "stop_token_ids" },
        { """{"prompt": "x", "logprobs": 21}""", "logprobs" },
        { """{"prompt": "x", "logit_bias": {"a": 1}}""", "logit_bias" },
        { """{"prompt": "x", "logit_bias": {"4096": 1}}""", "logit_bias" },
        { """{"prompt": "x", "logit_bias": {"1": 101}}""", "logit_bias" },
        { """{"prompt": "x", "logit_bias": {"1": "much"}}""", "logit_bias.1" },
        { """{"prompt": "x", "n": 0}""", "n" },
        { """{"prompt": "x", "n": 129}""", "n" },
        { """{"prompt": "x", "n": "many"}""", "n" },
        { """{"prompt": "x", "best_of": 129}""", "best_of" },
        { """{"prompt": "x", "n": 3, "best_of": 2}""", "best_of" },
        { """{"prompt": ["x", "y", "x", "y", "x", "y", "x", "y", "x"], "n": 128}""", "prompt" },
        { """{"prompt": "x", "priority": "high"}""", "priority" },
        { """{"prompt": "x", "suffix": "y"}""", "suffix" },
        { """{"prompt": "x", "response_format": "json"}""", "response_format" },
        { """{"prompt": "x", "guided_json": 5}""", "guided_json" },
        { """{"prompt": "x", "prompt_logprobs": 21}""", "prompt_logprobs" },
        { """{}""", "prompt" },
        { """{"prompt": null}""", "prompt" },
        { """{"prompt": 5}""", "prompt" },
        { """{"prompt": {}}""", "prompt" },
        { """{"prompt": []}""", "prompt" },
        { """{"prompt": [[]]}""", "prompt" },
        { """{"prompt": [1, "a"]}""", "prompt" },
        { """{"prompt": [[1], 2]}""", "prompt" },
        { """{"prompt": [1.5]}""", "prompt" },
        { """{"prompt": [-1]}""", "prompt" },
        { """{"prompt": [4096]}""", "prompt" },
        { """{"prompt": "\ud800"}""", "prompt" },
        { """{"prompt": ["fine", "\udc00"]}""", "prompt" },
        { """{"prompt": "x" """, null },
        { """{"prompt": "x"} {}""", null },
        { """[]""", null },
        { """null""", null },
        { "\"x\"", null },
        { "", null },
        { new string('[', 200), null },
        { "{\"prompt\": \"x\", \"flux\": " + new string('[', 200), null },
    };

    [Theory, MemberData(nameof(BadCompletions))]
    public async Task A_bad_completion_is_a_400_that_names_its_field(string body, string? field)
    {
        var answer = await silo.Api.Post("v1/completions", body);
        answer.Status.ShouldBe(HttpStatusCode.BadRequest, answer.Text);
        var error = answer.Error();
        error.Text("param").ShouldBe(field);
        error.Text("type").ShouldBe("invalid_request_error");
        error.Text("message").ShouldNotContain("System.");
    }

    [Theory, MemberData(nameof(BadCompletions))]
    public async Task The_same_streamed_is_the_same_400_and_no_stream(string body, string? field)
    {
        if (!body.StartsWith("{\"prompt\": \"x\", ", StringComparison.Ordinal) || field is null or "stream" or "stream_options.include_usage")
            return;
        var answer = await silo.Api.Post("v1/completions", body.Insert(1, "\"stream\": true, "));
        answer.Status.ShouldBe(HttpStatusCode.BadRequest, answer.Text);
        answer.Error().Text("param").ShouldBe(field);
    }

    [Theory]
    [InlineData("""{}""", "messages")]
    [InlineData("""{"messages": []}""", "messages")]
    [InlineData("""{"messages": "hello"}""", "messages")]
    [InlineData("""{"messages": [{"content": "x"}]}""", "messages[0].role")]
    [InlineData("""{"messages": [null]}""", "messages[0].role")]
    [InlineData("""{"messages": [{"role": "user", "content": 5}]}""", "messages[0].content")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}""", "messages[0].content")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{}]}]}""", "messages[0].tool_calls")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "top_logprobs": 2}""", "top_logprobs")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "logprobs": 2}""", "logprobs")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "logprobs": true, "top_logprobs": 21}""", "top_logprobs")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "tools": [{"type": "function"}]}""", "tools[0].function")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "n": 300}""", "n")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "max_completion_tokens": 0}""", "max_tokens")]
    public async Task A_bad_chat_is_a_400_that_names_its_field(string body, string field)
    {
        var answer = await silo.Api.Post("v1/chat/completions", body);
        answer.Status.ShouldBe(HttpStatusCode.BadRequest, answer.Text);
        answer.Error().Text("param").ShouldBe(field);
    }

    [Theory, InlineData("v1/completions", """{"prompt": "x", "model": "gpt-9"}"""), InlineData("v1/chat/completions", """{"messages": [{"role": "user", "content": "x"}], "model": "gpt-9"}"""),
     InlineData("tokenize", """{"prompt": "x", "model": "gpt-9"}"""), InlineData("detokenize", """{"tokens": [1], "model": "gpt-9"}""")]
    public async Task A_model_that_is_not_served_is_a_404(string path, string body)
    {
        var answer = await silo.Api.Post(path, body);
        answer.Status.ShouldBe(HttpStatusCode.NotFound);
        answer.Error().Text("code").ShouldBe("model_not_found");
        answer.Error().Text("param").ShouldBe("model");
    }

    [Fact]
    public async Task A_context_overflow_has_its_code()
    {
        var answer = await silo.Api.Post("v1/completions", new { prompt = Enumerable.Repeat(5, 2048) });
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Error().Text("code").ShouldBe("context_length_exceeded");
    }

    [Theory, InlineData("nope"), InlineData("v1/completion"), InlineData("v1/models/gpt-9")]
    public async Task An_unknown_route_or_model_is_a_404(string path)
    {
        var answer = await silo.Api.Get(path);
        answer.Status.ShouldBe(HttpStatusCode.NotFound);
        answer.Error();
    }

    [Theory, InlineData("v1/completions"), InlineData("v1/chat/completions"), InlineData("tokenize"), InlineData("detokenize")]
    public async Task A_get_where_a_post_belongs_is_a_405(string path)
    {
        var answer = await silo.Api.Get(path);
        answer.Status.ShouldBe(HttpStatusCode.MethodNotAllowed);
        answer.Error().Text("code").ShouldBe("method_not_allowed");
    }

    [Fact]
    public async Task A_body_that_is_no_json_by_its_header_is_a_415()
    {
        var answer = await silo.Api.Post("v1/completions", "{\"prompt\": \"x\"}"u8.ToArray(), "text/plain");
        answer.Status.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        answer.Error();
    }

    [Fact]
    public async Task A_body_over_the_limit_is_a_413()
    {
        var body = new byte[new Options.SplitwiserOptions().MaxBodyBytes + 1];
        body.AsSpan().Fill((byte)' ');
        var answer = await silo.Api.Post("v1/completions", body);
        answer.Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        answer.Error();
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_are_a_400()
    {
        var answer = await silo.Api.Post("v1/completions", [.. Encoding.UTF8.GetBytes("{\"prompt\": \"x"), 0xC3, 0x28, .. Encoding.UTF8.GetBytes("\"}")]);
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Error().Text("message").ShouldContain("UTF-8");
    }

    [Fact]
    public async Task One_bad_prompt_of_a_list_refuses_the_whole_and_leaks_nothing()
    {
        await using var own = await RunningSilo.StartDemo();
        var answer = await own.Api.Post("v1/completions", JsonSerializer.Serialize(new { prompt = new[] { [1, 2, 3], [4, 5], new[] { 9999 } }, max_tokens = 200 }));
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        await Settles.AllPagesAreBack(own.Api);
    }

    [Fact]
    public async Task Megabytes_of_text_that_do_not_fit_are_a_400_however_long_tokenizing_takes()
    {
        await using var patient = await RunningSilo.StartDemo("--max-prompt-chars", "10000000");
        var text = string.Concat(Enumerable.Repeat("\u7684\u4E00\u662F\u5728\u4E0D\u4E86", 400_000));
        var answer = await patient.Api.Post("v1/completions", new { prompt = text });
        answer.Status.ShouldBe(HttpStatusCode.BadRequest, answer.Text);
        answer.Error().Text("code").ShouldBe("context_length_exceeded");
    }

    [Fact]
    public async Task More_prompts_than_may_wait_are_a_400()
    {
        var answer = await silo.Api.Post("v1/completions", new { prompt = Enumerable.Repeat("x", 1025) });
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Error().Text("param").ShouldBe("prompt");
    }
}
