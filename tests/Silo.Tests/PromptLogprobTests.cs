using System.Globalization;
using System.Text.Json;

namespace Splitwiser.Silo.Tests;

/// <summary>vLLM's prompt_logprobs, against what echo with logprobs says of the same prompt.</summary>
public sealed class PromptLogprobTests(DemoSilo silo)
{
    private const string Prompt = "In the beginning God created the heaven";

    [Fact]
    public async Task Every_position_of_a_prompt_has_its_token_and_the_likeliest()
    {
        var echoed = (await silo.Api.Complete(new { prompt = Prompt, max_tokens = 0, echo = true, logprobs = 3, return_token_ids = true })).Choice();
        var ids = echoed.Ints("prompt_token_ids");
        var expected = echoed.GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().ToArray();
        var positions = (await silo.Api.Complete(new { prompt = Prompt, max_tokens = 1, prompt_logprobs = 3 })).Choice().GetProperty("prompt_logprobs").EnumerateArray().ToArray();
        positions.Length.ShouldBe(ids.Length);
        positions[0].ValueKind.ShouldBe(JsonValueKind.Null);
        for (var i = 1; i < ids.Length; i++)
        {
            var own = positions[i].GetProperty(ids[i].ToString(CultureInfo.InvariantCulture));
            own.GetProperty("logprob").GetSingle().ShouldBe(expected[i].GetSingle(), 1e-5);
            own.Text("decoded_token").ShouldNotBeNull();
            var tokens = positions[i].EnumerateObject().Select(token => token.Value).ToArray();
            tokens.Length.ShouldBeInRange(3, 4);
            var ranked = tokens.Where(token => token.GetProperty("rank").ValueKind == JsonValueKind.Number).OrderBy(token => token.GetProperty("rank").GetInt32()).ToArray();
            ranked.Select(token => token.GetProperty("rank").GetInt32()).ShouldBe([1, 2, 3]);
            ranked.Select(token => token.GetProperty("logprob").GetSingle()).ShouldBeInOrder(SortDirection.Descending);
        }
    }

    [Fact]
    public async Task Echoed_logprobs_and_the_prompts_own_keep_their_numbers_apart()
    {
        var choice = (await silo.Api.Complete(new { prompt = Prompt, max_tokens = 1, echo = true, logprobs = 1, prompt_logprobs = 4 })).Choice();
        foreach (var top in choice.GetProperty("logprobs").GetProperty("top_logprobs").EnumerateArray().Skip(1))
            top.EnumerateObject().Count().ShouldBeInRange(1, 2);
        foreach (var position in choice.GetProperty("prompt_logprobs").EnumerateArray().Skip(1))
            position.EnumerateObject().Count().ShouldBeInRange(4, 5);
    }

    [Fact]
    public async Task A_chats_prompt_has_them_once_for_all_its_answers()
    {
        var answer = (await silo.Api.Post("v1/chat/completions", new { messages = new[] { new { role = "user", content = "And God said" } }, max_tokens = 1, n = 2, prompt_logprobs = 0, return_token_ids = true })).Success();
        var ids = answer.Ints("prompt_token_ids");
        var positions = answer.GetProperty("prompt_logprobs").EnumerateArray().ToArray();
        positions.Skip(1).Select(position => position.EnumerateObject().Single().Name).ShouldBe(ids[1..].Select(id => id.ToString(CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_stream_has_none()
    {
        var refused = await silo.Api.Post("v1/completions", new { prompt = Prompt, prompt_logprobs = 1, stream = true });
        refused.Status.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        refused.Error().Text("param").ShouldBe("prompt_logprobs");
    }
}
