using System.Net;

namespace Splitwiser.Silo.Tests;

/// <summary>A model folder without tokenizer.json and without a chat template.</summary>
public sealed class TokenIdsOnlyTests : IAsyncLifetime
{
    private RunningSilo silo = null!;

    public async ValueTask InitializeAsync() =>
        silo = await RunningSilo.Start("--model", Repository.Fixture("llama"), "--served-model-name", "ids/only", "--num-gpu-blocks-override", "64");

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task Ids_are_answered_by_ids_and_empty_text()
    {
        var answer = await silo.Api.Complete(new { prompt = new[] { 1, 2, 3 }, model = "ids/only", temperature = 0, max_tokens = 4, ignore_eos = true, logprobs = 1 });
        answer.Choice().TokenIds().Length.ShouldBe(4);
        answer.Choice().Text("text").ShouldBeEmpty();
        answer.Choice().GetProperty("logprobs").GetProperty("tokens")[0].GetString().ShouldBe($"token_id:{answer.Choice().TokenIds()[0]}");
    }

    [Theory]
    [InlineData("v1/completions", """{"prompt": "text"}""", "prompt")]
    [InlineData("v1/completions", """{"prompt": [1], "stop": "x"}""", "stop")]
    [InlineData("tokenize", """{"prompt": "text"}""", "prompt")]
    [InlineData("detokenize", """{"tokens": [1]}""", "tokens")]
    public async Task Text_is_a_400_that_says_why(string path, string body, string field)
    {
        var answer = await silo.Api.Post(path, body);
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Error().Text("message").ShouldContain("no tokenizer");
        answer.Error().Text("param").ShouldBe(field);
    }

    [Fact]
    public async Task A_chat_is_a_400_that_says_what_to_do()
    {
        var answer = await silo.Api.Post("v1/chat/completions", new { messages = new[] { new { role = "user", content = "x" } } });
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Error().Text("message").ShouldContain("--chat-template");
    }
}
