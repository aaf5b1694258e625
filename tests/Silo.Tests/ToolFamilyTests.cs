namespace Splitwiser.Silo.Tests;

/// <summary>Families that write calls with special tokens, known by their templates' words.</summary>
public sealed class ToolFamilyTests
{
    private const string Last = "{{ messages[-1].content }}";
    private static readonly object[] Tools = [new { type = "function", function = new { name = "get_weather" } }];

    [Theory]
    [InlineData("{#- [TOOL_CALLS] -#}" + Last, "[TOOL_CALLS]", "[TOOL_CALLS][{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Oslo\"}}]", @"^[a-zA-Z0-9]{9}$")]
    [InlineData("{#- <|start_header_id|> {\"name\": function name, \"parameters\": dictionary} -#}" + Last, "<|python_tag|>", "<|python_tag|>{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Oslo\"}}", @"^call_[a-zA-Z0-9]{24}$")]
    public async Task A_call_behind_a_special_token_is_found(string template, string special, string text, string id)
    {
        using var folder = ScriptedModel.Write(template, [("@weather@", text)], special);
        await using var silo = await RunningSilo.Start("--model", folder.Path, "--num-gpu-blocks-override", "64");
        var messages = new[] { new { role = "user", content = "@weather@" } };
        var choice = (await silo.Api.Post("v1/chat/completions", new { messages, tools = Tools })).Success().Choice();
        var call = choice.GetProperty("message").GetProperty("tool_calls").EnumerateArray().ShouldHaveSingleItem();
        call.Text("id").ShouldMatch(id);
        call.GetProperty("function").Text("name").ShouldBe("get_weather");
        call.GetProperty("function").Text("arguments").ShouldBe("{\"city\": \"Oslo\"}");
        var plain = (await silo.Api.Post("v1/chat/completions", new { messages })).Success().Choice();
        plain.GetProperty("message").Text("content").ShouldBe(text[special.Length..]);
        plain.Text("finish_reason").ShouldBe("stop");
    }

    [Fact]
    public async Task A_model_whose_way_to_call_is_unknown_refuses_tools_and_a_setting_tells_it()
    {
        using var folder = ScriptedModel.Write(Last, [("@weather@", "<tool_call>{\"name\": \"get_weather\"}</tool_call>")]);
        var body = new { messages = new[] { new { role = "user", content = "@weather@" } }, tools = Tools };
        await using (var unknowing = await RunningSilo.Start("--model", folder.Path, "--num-gpu-blocks-override", "64"))
        {
            var error = (await unknowing.Api.Post("v1/chat/completions", body)).Error();
            error.Text("param").ShouldBe("tools");
            error.Text("message").ShouldContain("--tool-call-parser");
        }

        await using var told = await RunningSilo.Start("--model", folder.Path, "--num-gpu-blocks-override", "64", "--tool-call-parser", "hermes");
        (await told.Api.Post("v1/chat/completions", body)).Success().Choice().Text("finish_reason").ShouldBe("tool_calls");
    }
}
