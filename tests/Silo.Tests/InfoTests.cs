using System.Net;

namespace Splitwiser.Silo.Tests;

/// <summary>The routes that generate nothing.</summary>
public sealed class InfoTests(DemoSilo silo)
{
    [Fact]
    public async Task The_model_is_listed_and_found_by_its_name()
    {
        var listed = (await silo.Api.Get("v1/models")).Success();
        listed.Text("object").ShouldBe("list");
        listed.GetProperty("data").GetArrayLength().ShouldBe(1);
        var model = listed.GetProperty("data")[0];
        model.Text("id").ShouldBe("demo");
        model.Number("max_model_len").ShouldBe(2048);
        (await silo.Api.Get("v1/models/demo")).Success().ToString().ShouldBe(model.ToString());
    }

    [Fact]
    public async Task Health_is_an_empty_200()
    {
        var answer = await silo.Api.Get("health");
        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.Text.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_version_names_the_actor_engine()
    {
        var version = (await silo.Api.Get("version")).Success();
        version.Text("engine").ShouldBeOneOf("Embedded", "Microsoft");
        Version.Parse(version.Text("orleans")).Major.ShouldBeGreaterThanOrEqualTo(10);
        Version.Parse(version.Text("version")).ShouldBeGreaterThan(new Version(0, 0));
    }

    [Fact]
    public async Task Tokens_are_spelled_as_in_the_vocabulary()
    {
        var tokens = (await silo.Api.Post("tokenize", new { prompt = "Hello, world!", return_token_strs = true })).Success();
        tokens.Ints("tokens")[0].ShouldBe(0); // the model's own special token, unless told otherwise
        tokens.GetProperty("token_strs").EnumerateArray().Select(text => text.GetString()).ShouldBe(["<|endoftext|>", "H", "ell", "o", ",", "Ġworld", "!"]);
        tokens.Number("max_model_len").ShouldBe(2048);
    }

    [Theory]
    [InlineData("tokenize", """{}""", "prompt")]
    [InlineData("tokenize", """{"prompt": "x", "messages": []}""", "prompt")]
    [InlineData("tokenize", """{"prompt": 5}""", "prompt")]
    [InlineData("detokenize", """{}""", "tokens")]
    [InlineData("detokenize", """{"tokens": "x"}""", "tokens")]
    [InlineData("detokenize", """{"tokens": [-1]}""", "tokens")]
    [InlineData("detokenize", """{"tokens": [4096]}""", "tokens")]
    public async Task A_bad_tokenize_is_a_400_that_names_its_field(string path, string body, string field)
    {
        var answer = await silo.Api.Post(path, body);
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Error().Text("param").ShouldBe(field);
    }
}
