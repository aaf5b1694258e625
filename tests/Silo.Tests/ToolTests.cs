using System.Net;
using System.Text.Json;

namespace Splitwiser.Silo.Tests;

public sealed class ToolTests(HermesSilo silo)
{
    private static readonly object[] Tools =
    [
        new { type = "function", function = new { name = "get_weather", description = "The weather.", parameters = new { type = "object", properties = new { city = new { type = "string" } } } } },
        new { type = "function", function = new { name = "get_time" } },
    ];

    [Fact]
    public async Task A_call_is_told_by_name_and_arguments()
    {
        var choice = (await Chat("@weather@")).Choice();
        choice.Text("finish_reason").ShouldBe("tool_calls");
        var message = choice.GetProperty("message");
        message.GetProperty("content").ValueKind.ShouldBe(JsonValueKind.Null);
        var call = message.GetProperty("tool_calls").EnumerateArray().ShouldHaveSingleItem();
        call.Text("type").ShouldBe("function");
        call.Text("id").ShouldStartWith("call_");
        call.GetProperty("function").Text("name").ShouldBe("get_weather");
        call.GetProperty("function").Text("arguments").ShouldBe("""{"city": "Paris", "days": [1, 2]}""");
    }

    [Theory, InlineData("@weather@"), InlineData("@two@"), InlineData("@plain@"), InlineData("@think@")]
    public async Task A_stream_says_what_the_whole_answer_says(string cue)
    {
        var whole = (await Chat(cue)).Choice();
        var events = await silo.Api.Events("v1/chat/completions", Body(cue, new() { ["stream"] = true }));
        var deltas = events.ChoicesOf(0).Select(choice => choice.GetProperty("delta")).ToArray();
        Joined("content").ShouldBe(Text(whole.GetProperty("message"), "content"));
        Joined("reasoning_content").ShouldBe(Text(whole.GetProperty("message"), "reasoning_content"));
        events.ChoicesOf(0).Last().Text("finish_reason").ShouldBe(whole.Text("finish_reason"));
        var pieces = deltas.Where(delta => delta.TryGetProperty("tool_calls", out _)).SelectMany(delta => delta.GetProperty("tool_calls").EnumerateArray()).ToArray();
        var expected = whole.GetProperty("message").TryGetProperty("tool_calls", out var calls) ? calls.EnumerateArray().ToArray() : [];
        pieces.Count(piece => piece.GetRawText().Contains("\"id\"", StringComparison.Ordinal)).ShouldBe(expected.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var own = pieces.Where(piece => piece.Number("index") == i).ToArray();
            own[0].GetProperty("function").Text("name").ShouldBe(expected[i].GetProperty("function").Text("name"));
            own[0].Text("type").ShouldBe("function");
            own.Skip(1).ShouldAllBe(piece => !piece.GetRawText().Contains("\"name\"", StringComparison.Ordinal));
            string.Concat(own.Select(piece => piece.GetProperty("function").Text("arguments"))).ShouldBe(expected[i].GetProperty("function").Text("arguments"));
        }

        string Joined(string name) => string.Concat(deltas.Select(delta => Text(delta, name)));
    }

    [Fact]
    public async Task Several_calls_stand_behind_what_is_said()
    {
        var message = (await Chat("@two@")).Choice().GetProperty("message");
        message.Text("content").ShouldBe("I look both up.");
        message.GetProperty("tool_calls").EnumerateArray().Select(call => call.GetProperty("function").Text("name")).ShouldBe(["get_time", "get_weather"]);
    }

    [Fact]
    public async Task Without_parallel_calls_the_first_is_shown_alone()
    {
        var choice = (await Chat("@two@", new() { ["parallel_tool_calls"] = false })).Choice();
        choice.GetProperty("message").GetProperty("tool_calls").EnumerateArray().ShouldHaveSingleItem().GetProperty("function").Text("name").ShouldBe("get_time");
        choice.Text("finish_reason").ShouldBe("tool_calls");
    }

    [Fact]
    public async Task An_answer_without_a_call_is_just_said()
    {
        var choice = (await Chat("@plain@")).Choice();
        choice.GetProperty("message").Text("content").ShouldBe("It is sunny.");
        choice.GetProperty("message").TryGetProperty("tool_calls", out _).ShouldBeFalse();
        choice.Text("finish_reason").ShouldBe("stop");
    }

    [Fact]
    public async Task Tool_choice_none_neither_shows_the_tools_to_the_model_nor_reads_calls()
    {
        var answer = await Chat("@weather@", new() { ["tool_choice"] = "none", ["return_token_ids"] = true });
        answer.Choice().GetProperty("message").Text("content").ShouldStartWith("<tool_call>");
        (await Prompt(answer)).ShouldBe("user: @weather@");
    }

    [Fact]
    public async Task Calls_and_their_results_reach_the_template()
    {
        var messages = new object[]
        {
            new { role = "developer", content = "Be brief." },
            new { role = "assistant", content = (string?)null, tool_calls = new[] { new { id = "call_1", type = "function", function = new { name = "get_weather", arguments = "{\"city\": \"Rome\"}" } } } },
            new { role = "tool", tool_call_id = "call_1", content = "@plain@" },
        };
        var answer = (await silo.Api.Post("v1/chat/completions", new { messages, tools = Tools, return_token_ids = true })).Success();
        (await Prompt(answer)).ShouldBe(
            """
            <tools>[{"type": "function", "function": {"name": "get_weather", "description": "The weather.", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}, {"type": "function", "function": {"name": "get_time"}}]</tools>, to be called in <tool_call> tags
            system: Be brief.
            assistant: <tool_call>get_weatherRome</tool_call>
            tool: @plain@
            """);
    }

    [Fact]
    public async Task Thoughts_are_told_apart_from_the_answer()
    {
        var message = (await Chat("@think@")).Choice().GetProperty("message");
        message.Text("reasoning_content").ShouldBe("Sunny means no rain.");
        message.Text("content").ShouldBe("Take no umbrella.");
        var hidden = (await Chat("@think@", new() { ["include_reasoning"] = false })).Choice().GetProperty("message");
        hidden.TryGetProperty("reasoning_content", out _).ShouldBeFalse();
        hidden.Text("content").ShouldBe("Take no umbrella.");
    }

    [Fact]
    public async Task A_prompt_that_ends_in_a_thought_is_answered_by_thoughts()
    {
        var message = (await Chat("x", new() { ["chat_template_kwargs"] = new { think = true } })).Choice().GetProperty("message");
        message.Text("reasoning_content").ShouldBe("Hm, hm.");
        message.Text("content").ShouldBe("Done thinking.");
    }

    [Theory, InlineData(0), InlineData(1)]
    public async Task A_required_call_is_made_with_arguments_of_its_schema(float temperature)
    {
        object[] tools = [Strict("get_weather", new { city = new { @enum = new[] { "Oslo", "Rome" } } }), Strict("get_time", new { utc = new { type = "boolean" } })];
        var choice = (await Chat("@plain@", new() { ["tools"] = tools, ["tool_choice"] = "required", ["temperature"] = temperature, ["max_tokens"] = 300, ["parallel_tool_calls"] = false })).Choice();
        choice.Text("finish_reason").ShouldBe("tool_calls");
        var function = choice.GetProperty("message").GetProperty("tool_calls").EnumerateArray().ShouldHaveSingleItem().GetProperty("function");
        var arguments = JsonElement.Parse(function.Text("arguments"));
        if (function.Text("name") == "get_weather")
            arguments.Text("city").ShouldBeOneOf("Oslo", "Rome");
        else
            arguments.GetProperty("utc").ValueKind.ShouldBeOneOf(JsonValueKind.True, JsonValueKind.False);
    }

    [Fact]
    public async Task A_named_function_is_the_one_that_is_called()
    {
        object[] tools = [Strict("get_weather", new { city = new { @enum = new[] { "Oslo", "Rome" } } }), Strict("get_time", new { utc = new { type = "boolean" } })];
        var named = new { type = "function", function = new { name = "get_time" } };
        var choice = (await Chat("@plain@", new() { ["tools"] = tools, ["tool_choice"] = named, ["temperature"] = 1, ["max_tokens"] = 300 })).Choice();
        choice.Text("finish_reason").ShouldBe("stop");
        choice.GetProperty("message").GetProperty("tool_calls").EnumerateArray().ShouldHaveSingleItem().GetProperty("function").Text("name").ShouldBe("get_time");
    }

    [Fact]
    public async Task A_forced_call_ends_thoughts_that_the_prompt_began()
    {
        object[] tools = [Strict("get_time", new { utc = new { type = "boolean" } })];
        var message = (await Chat("x", new() { ["tools"] = tools, ["tool_choice"] = "required", ["parallel_tool_calls"] = false, ["max_tokens"] = 300, ["chat_template_kwargs"] = new { think = true } })).Choice().GetProperty("message");
        message.GetProperty("tool_calls").GetArrayLength().ShouldBe(1);
        message.TryGetProperty("reasoning_content", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"tools": [{"type": "web"}]}""", "tools[0].type")]
    [InlineData("""{"tools": [{"type": "function"}]}""", "tools[0].function")]
    [InlineData("""{"tools": [{"type": "function", "function": {"name": "a b"}}]}""", "tools[0].function.name")]
    [InlineData("""{"tools": [{"type": "function", "function": {"name": "f", "parameters": []}}]}""", "tools[0].function.parameters")]
    [InlineData("""{"tools": [{"type": "function", "function": {"name": "f"}}, {"type": "function", "function": {"name": "f"}}]}""", "tools")]
    [InlineData("""{"tools": {"type": "function"}}""", "tools")]
    [InlineData("""{"tools": [{"type": "function", "function": {"name": "f", "description": "\ud800"}}]}""", "tools")]
    [InlineData("""{"tool_choice": "required"}""", "tool_choice")]
    [InlineData("""{"tool_choice": "required", "response_format": {"type": "json_object"}, "tools": [{"type": "function", "function": {"name": "f"}}]}""", "tool_choice")]
    [InlineData("""{"tool_choice": 5, "tools": [{"type": "function", "function": {"name": "f"}}]}""", "tool_choice")]
    [InlineData("""{"tool_choice": {"type": "function", "function": {"name": "g"}}, "tools": [{"type": "function", "function": {"name": "f"}}]}""", "tool_choice")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{}]}]}""", "messages[0].tool_calls")]
    [InlineData("""{"messages": [{"role": "user", "content": "x", "name": "\ud800"}]}""", "messages")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": {}}]}""", "messages[0].tool_calls")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{oops"}}]}]}""", "messages[0].tool_calls")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "[1]"}}]}]}""", "messages[0].tool_calls")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "name": "f"}, "function": {}}]}]}""", "messages[0].tool_calls")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{\"a\": \"\\ud800\"}"}}]}]}""", "messages[0].tool_calls")]
    public async Task Wrong_tools_are_a_400_that_names_the_field(string fields, string field)
    {
        var body = fields.Contains("\"messages\"", StringComparison.Ordinal) ? fields : """{"messages": [{"role": "user", "content": "@plain@"}], """ + fields[1..];
        var answer = await silo.Api.Post("v1/chat/completions", body);
        answer.Status.ShouldBe(HttpStatusCode.BadRequest, answer.Text);
        answer.Error().Text("param").ShouldBe(field);
    }

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var text) ? text.GetString() ?? "" : "";

    private static Dictionary<string, object> Body(string cue, Dictionary<string, object>? more) =>
        new(more ?? []) { ["messages"] = new[] { new { role = "user", content = cue } }, ["tools"] = more?.GetValueOrDefault("tools") ?? Tools };

    /// <summary>A function whose one argument is needed, so that there is an end to what a model may write.</summary>
    private static object Strict(string name, object properties) =>
        new { type = "function", function = new { name, parameters = new { type = "object", properties, required = new[] { name == "get_time" ? "utc" : "city" }, additionalProperties = false } } };

    private async Task<JsonElement> Chat(string cue, Dictionary<string, object>? more = null) => (await silo.Api.Post("v1/chat/completions", Body(cue, more))).Success();

    private async Task<string> Prompt(JsonElement answer) => (await silo.Api.Post("detokenize", new { tokens = answer.Ints("prompt_token_ids") })).Success().Text("prompt");
}
