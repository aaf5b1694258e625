using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Splitwiser.Silo.Tests;

/// <summary>Every documented field of the two completion APIs, OpenAI's and vLLM's: it is served, or changes no answer, or is refused by its name.</summary>
public sealed class FieldTests(DemoSilo silo)
{
    private const string Chat = "v1/chat/completions";
    private const string Completion = "v1/completions";

    /// <summary>API, field, a value that asks for something, and what becomes of it: null for served or of no effect, else the field that the 400 names.</summary>
    public static TheoryData<string, string, string, string?> Fields => new()
    {
        // OpenAI's chat completions
        { Chat, "model", "\"demo\"", null },
        { Chat, "model", "\"gpt-9\"", "model" },
        { Chat, "frequency_penalty", "1.5", null },
        { Chat, "presence_penalty", "-1.5", null },
        { Chat, "logit_bias", """{"17": -100, "18": 100}""", null },
        { Chat, "logit_bias", """{"17": -101}""", "logit_bias" },
        { Chat, "logprobs", "true", null },
        { Chat, "top_logprobs", "2", "top_logprobs" },                      // without logprobs
        { Chat, "max_tokens", "2", null },
        { Chat, "max_completion_tokens", "2", null },
        { Chat, "n", "2", null },
        { Chat, "n", "129", "n" },
        { Chat, "seed", "5", null },
        { Chat, "stop", """["a", "b", "c", "d"]""", null },
        { Chat, "stop", "null", null },
        { Chat, "stream_options", """{"include_usage": true}""", "stream_options" },    // without stream
        { Chat, "temperature", "0.7", null },
        { Chat, "top_p", "0.7", null },
        { Chat, "response_format", """{"type": "text"}""", null },
        { Chat, "response_format", """{"type": "grammar"}""", "response_format.type" },
        { Chat, "tools", "[]", null },
        { Chat, "tools", """[{"type": "custom", "custom": {"name": "x"}}]""", "tools[0].type" },
        { Chat, "tool_choice", "\"none\"", null },
        { Chat, "tool_choice", "\"required\"", "tool_choice" },             // without tools
        { Chat, "parallel_tool_calls", "false", null },
        { Chat, "functions", """[{"name": "f"}]""", "functions" },
        { Chat, "function_call", """{"name": "f"}""", "function_call" },
        { Chat, "modalities", """["text"]""", null },
        { Chat, "modalities", """["text", "audio"]""", "modalities" },
        { Chat, "audio", """{"voice": "alloy", "format": "mp3"}""", "audio" },
        { Chat, "prediction", """{"type": "content", "content": "x"}""", "prediction" },
        { Chat, "reasoning_effort", "\"low\"", null },                      // the template's matter
        { Chat, "verbosity", "\"low\"", null },
        { Chat, "web_search_options", "{}", "web_search_options" },
        { Chat, "store", "true", null },
        { Chat, "metadata", """{"a": "b"}""", null },
        { Chat, "service_tier", "\"flex\"", null },
        { Chat, "user", "\"me\"", null },
        { Chat, "safety_identifier", "\"me\"", null },
        { Chat, "prompt_cache_key", "\"me\"", null },
        { Chat, "stream", "false", null },

        // OpenAI's completions
        { Completion, "best_of", "2", null },
        { Completion, "echo", "true", null },
        { Completion, "logprobs", "2", null },
        { Completion, "suffix", "\"y\"", "suffix" },
        { Completion, "stream_options", """{"include_usage": true}""", "stream_options" },
        { Completion, "user", "\"me\"", null },
        { Completion, "stop", """["a", "b", "c", "d", "e"]""", null },
        { Completion, "n", "2", null },
        { Completion, "seed", "5", null },

        // vLLM's
        { Completion, "top_k", "5", null },
        { Completion, "min_p", "0.1", null },
        { Completion, "repetition_penalty", "1.1", null },
        { Completion, "length_penalty", "2", "length_penalty" },
        { Completion, "use_beam_search", "true", "use_beam_search" },
        { Completion, "stop_token_ids", "[17]", null },
        { Completion, "include_stop_str_in_output", "true", null },
        { Completion, "ignore_eos", "true", null },
        { Completion, "min_tokens", "1", null },
        { Completion, "skip_special_tokens", "false", null },
        { Completion, "spaces_between_special_tokens", "true", null },
        { Completion, "spaces_between_special_tokens", "false", "spaces_between_special_tokens" },
        { Completion, "truncate_prompt_tokens", "2", null },
        { Completion, "truncate_prompt_tokens", "-1", null },
        { Completion, "truncate_prompt_tokens", "0", "truncate_prompt_tokens" },
        { Completion, "truncate_prompt_tokens", "2049", "truncate_prompt_tokens" },
        { Completion, "allowed_token_ids", "[1, 2]", null },
        { Completion, "allowed_token_ids", "[]", "allowed_token_ids" },
        { Completion, "allowed_token_ids", "[4096]", "allowed_token_ids" },
        { Completion, "bad_words", """["king"]""", null },
        { Completion, "bad_words", "[]", null },
        { Completion, "bad_words", """[" "]""", "bad_words" },
        { Completion, "bad_words", """[null]""", "bad_words" },
        { Completion, "prompt_logprobs", "1", null },
        { Completion, "prompt_logprobs", "21", "prompt_logprobs" },
        { Chat, "prompt_logprobs", "1", null },
        { Completion, "prompt_embeds", "\"AAAA\"", "prompt_embeds" },
        { Completion, "add_special_tokens", "false", null },
        { Completion, "response_format", """{"type": "json_object"}""", null },
        { Completion, "structured_outputs", """{"choice": ["yes", "no"]}""", null },
        { Completion, "structured_outputs", """{"structural_tag": "x"}""", "structured_outputs.structural_tag" },
        { Completion, "guided_json", """{"type": "boolean"}""", null },
        { Completion, "guided_regex", "\"[ab]\"", null },
        { Completion, "guided_choice", """["yes", "no"]""", null },
        { Completion, "guided_grammar", """ "root ::= \"a\"" """, null },
        { Completion, "structured_outputs", """{"grammar": "root ::= [ab]"}""", null },
        { Completion, "guided_whitespace_pattern", "\"x\"", "guided_whitespace_pattern" },
        { Completion, "structural_tag", "\"x\"", "structural_tag" },
        { Completion, "priority", "-1", null },
        { Completion, "request_id", "\"mine\"", null },
        { Completion, "return_tokens_as_token_ids", "true", null },
        { Completion, "return_token_ids", "true", null },
        { Completion, "cache_salt", "\"salt\"", null },
        { Completion, "kv_transfer_params", """{"a": 1}""", "kv_transfer_params" },
        { Completion, "vllm_xargs", """{"a": 1}""", "vllm_xargs" },
        { Completion, "logits_processors", """["x"]""", "logits_processors" },
        { Completion, "detokenize", "false", "detokenize" },
        { Chat, "echo", "true", "echo" },
        { Chat, "best_of", "2", "best_of" },
        { Chat, "add_generation_prompt", "false", null },
        { Chat, "continue_final_message", "true", null },
        { Chat, "documents", """[{"text": "x"}]""", "documents" },
        { Chat, "chat_template", "\"x\"", "chat_template" },
        { Chat, "chat_template_kwargs", """{"enable_thinking": false}""", null },
        { Chat, "mm_processor_kwargs", """{"a": 1}""", "mm_processor_kwargs" },
        { Chat, "include_reasoning", "false", null },
        { Chat, "thinking_token_budget", "5", "thinking_token_budget" },

        // llama.cpp's
        { Completion, "json_schema", """{"type": "boolean"}""", null },
        { Completion, "grammar", """ "root ::= [ab]+ | \"c\"" """, null },
        { Completion, "grammar", "\"\"", null },
        { Completion, "mirostat", "2", "mirostat" },
    };

    [Theory, MemberData(nameof(Fields))]
    public async Task A_field_is_served_or_of_no_effect_or_refused_by_name(string api, string field, string value, string? refused)
    {
        var body = (JsonObject)JsonNode.Parse(api == Chat ? """{"messages": [{"role": "user", "content": "And the king"}], "max_tokens": 3}""" : """{"prompt": "And the king said", "max_tokens": 3}""")!;
        if (field == "max_completion_tokens")
            body.Remove("max_tokens");
        body[field] = JsonNode.Parse(value);
        var answer = await silo.Api.Post(api, body.ToJsonString());
        if (refused is null)
        {
            answer.Success().GetProperty("choices").GetArrayLength().ShouldBeGreaterThan(0);
            return;
        }

        answer.Status.ShouldBe(field == "model" ? HttpStatusCode.NotFound : HttpStatusCode.BadRequest, answer.Text);
        answer.Error().Text("param").ShouldBe(refused);
        answer.Error().Text("type").ShouldBe("invalid_request_error");
    }

    [Fact]
    public async Task A_truncated_prompt_is_its_end()
    {
        var whole = (await silo.Api.Complete(new { prompt = "In the beginning", max_tokens = 1, return_token_ids = true })).Choice();
        var ids = whole.GetProperty("prompt_token_ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
        var cut = await silo.Api.Complete(new { prompt = "In the beginning", max_tokens = 8, temperature = 0, truncate_prompt_tokens = 2, return_token_ids = true });
        cut.Choice().GetProperty("prompt_token_ids").EnumerateArray().Select(id => id.GetInt32()).ShouldBe(ids[^2..]);
        cut.Choice().TokenIds().ShouldBe((await silo.Api.Complete(new { prompt = ids[^2..], max_tokens = 8, temperature = 0, return_token_ids = true })).Choice().TokenIds());
        var most = await silo.Api.Complete(new { prompt = Enumerable.Repeat(17, 3000), max_tokens = 8, truncate_prompt_tokens = -1 });
        most.GetProperty("usage").Number("prompt_tokens").ShouldBe(2040);
    }

    [Fact]
    public async Task An_answer_goes_on_with_the_last_message()
    {
        var messages = new[] { new { role = "user", content = "Tell me of" }, new { role = "assistant", content = "the king " } };
        var closed = await Prompt(new { messages, add_generation_prompt = false });
        var open = await Prompt(new { messages, continue_final_message = true });
        open.TrimEnd().ShouldEndWith("the king");
        closed.ShouldStartWith(open);
        var answer = (await silo.Api.Post(Chat, new { messages, continue_final_message = true, max_tokens = 6, temperature = 0, return_token_ids = true })).Success();
        answer.GetProperty("prompt_token_ids").EnumerateArray().Select(id => id.GetInt32()).ShouldBe(await Ids(new { messages, continue_final_message = true }));

        var both = await silo.Api.Post(Chat, new { messages, continue_final_message = true, add_generation_prompt = true });
        both.Status.ShouldBe(HttpStatusCode.BadRequest);
        both.Error().Text("param").ShouldBe("continue_final_message");
    }

    [Fact]
    public async Task Parts_developers_and_refusals_are_messages_that_a_template_knows()
    {
        var plain = await Prompt(new { messages = new object[] { new { role = "system", content = "Be brief." }, new { role = "user", content = "one\ntwo" }, new { role = "assistant", content = "No." } } });
        var parts = await Prompt(new
        {
            messages = new object[]
            {
                new { role = "developer", content = "Be brief." },
                new { role = "user", content = new[] { new { type = "text", text = "one" }, new { type = "text", text = "two" } } },
                new { role = "assistant", content = (string?)null, refusal = "No." },
            },
        });
        parts.ShouldBe(plain);
        (await Prompt(new { messages = new object[] { new { role = "assistant", content = new[] { new { type = "refusal", refusal = "No." } } } } })).ShouldContain("No.");
    }

    [Fact]
    public async Task A_callers_id_is_the_answers()
    {
        (await silo.Api.Complete(new { prompt = "x", max_tokens = 1, request_id = "mine-5" })).Text("id").ShouldBe("cmpl-mine-5");
        (await silo.Api.Post(Chat, new { messages = new[] { new { role = "user", content = "x" } }, max_tokens = 1, request_id = "mine-6" })).Success().Text("id").ShouldBe("chatcmpl-mine-6");
    }

    [Fact]
    public async Task A_chats_message_has_what_openai_always_gives()
    {
        var choice = (await silo.Api.Post(Chat, new { messages = new[] { new { role = "user", content = "x" } }, max_tokens = 2, logprobs = true })).Success().Choice();
        choice.GetProperty("message").GetProperty("refusal").ValueKind.ShouldBe(JsonValueKind.Null);
        choice.GetProperty("logprobs").GetProperty("refusal").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    private async Task<int[]> Ids(object chat) => (await silo.Api.Post("tokenize", chat)).Success().Ints("tokens");

    private async Task<string> Prompt(object chat) => (await silo.Api.Post("detokenize", new { tokens = await Ids(chat) })).Success().Text("prompt")!;
}
