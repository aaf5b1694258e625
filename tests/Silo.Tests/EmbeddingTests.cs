using System.ClientModel;
using System.Net;
using OpenAI;
using OpenAI.Embeddings;

namespace Splitwiser.Silo.Tests;

public sealed class EmbeddingTests(DemoSilo silo)
{
    [Fact]
    public async Task Every_input_has_its_vector_of_length_1_in_order()
    {
        string[] inputs = ["In the beginning", "And the king said", "In the beginning"];
        var answer = (await silo.Api.Post("v1/embeddings", new { model = "demo", input = inputs })).Success();
        answer.Text("object").ShouldBe("list");
        answer.Text("model").ShouldBe("demo");
        var data = answer.GetProperty("data").EnumerateArray().ToArray();
        data.Select(item => item.Number("index")).ShouldBe([0, 1, 2]);
        var vectors = data.Select(Vector).ToArray();
        vectors.ShouldAllBe(vector => Math.Abs(vector.Sum(value => value * value) - 1) < 1e-4);
        vectors[2].ShouldBe(vectors[0]);
        vectors[1].ShouldNotBe(vectors[0]);
        var tokens = 0;
        foreach (var input in inputs)
            tokens += (await silo.Api.Post("tokenize", new { prompt = input })).Success().Number("count");
        answer.GetProperty("usage").Number("prompt_tokens").ShouldBe(tokens);
        answer.GetProperty("usage").Number("total_tokens").ShouldBe(tokens);
    }

    [Fact]
    public async Task Embeddings_give_their_pages_back()
    {
        await using var own = await RunningSilo.StartDemo();
        (await own.Api.Post("v1/embeddings", new { input = new[] { "In the beginning", "And the king said" } })).Success();
        await Settles.AllPagesAreBack(own.Api);
    }

    [Fact]
    public async Task Ids_embed_as_their_text_does_and_base64_holds_the_same_numbers()
    {
        var golden = GoldenPrompt.All[0];
        var text = (await silo.Api.Post("v1/embeddings", new { input = golden.Prompt })).Success().GetProperty("data")[0];
        var ids = (await silo.Api.Post("v1/embeddings", new { input = golden.PromptIds, encoding_format = "base64" })).Success().GetProperty("data")[0];
        var bytes = ids.GetProperty("embedding").GetBytesFromBase64();
        Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToSingle(bytes, 4 * i)).ShouldBe(Vector(text));
    }

    [Fact]
    public async Task Mean_and_last_pooling_give_different_vectors()
    {
        await using var mean = await RunningSilo.StartDemo("--pooling", "mean");
        var request = new { input = "And the king said" };
        Vector((await mean.Api.Post("v1/embeddings", request)).Success().GetProperty("data")[0])
            .ShouldNotBe(Vector((await silo.Api.Post("v1/embeddings", request)).Success().GetProperty("data")[0]));
    }

    [Fact]
    public async Task The_openai_client_reads_them()
    {
        var client = new EmbeddingClient("demo", new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new(silo.Api.Address, "v1") });
        var embeddings = (await client.GenerateEmbeddingsAsync(["In the beginning", "And"], cancellationToken: TestContext.Current.CancellationToken)).Value;
        embeddings.Count.ShouldBe(2);
        embeddings[0].ToFloats().ToArray().ShouldBe(Vector((await silo.Api.Post("v1/embeddings", new { input = "In the beginning" })).Success().GetProperty("data")[0]));
        embeddings.Usage.InputTokenCount.ShouldBeGreaterThan(2);
    }

    [Fact]
    public async Task A_text_cut_to_its_end_has_the_vector_of_its_end()
    {
        var cut = (await silo.Api.Post("v1/embeddings", new { input = new[] { 20, 21, 22, 23 }, truncate_prompt_tokens = 2 })).Success();
        var end = (await silo.Api.Post("v1/embeddings", new { input = new[] { 22, 23 } })).Success();
        Vector(cut.GetProperty("data")[0]).ShouldBe(Vector(end.GetProperty("data")[0]));
        cut.GetProperty("usage").GetProperty("prompt_tokens").GetInt32().ShouldBe(2);
    }

    [Theory]
    [InlineData("""{}""", "input")]
    [InlineData("""{"input": []}""", "input")]
    [InlineData("""{"input": 5}""", "input")]
    [InlineData("""{"input": ""}""", null)]
    [InlineData("""{"input": [4096]}""", "prompt")]
    [InlineData("""{"input": "x", "dimensions": 7}""", "dimensions")]
    [InlineData("""{"input": "x", "encoding_format": "int8"}""", "encoding_format")]
    [InlineData("""{"input": "x", "truncate_prompt_tokens": 0}""", "truncate_prompt_tokens")]
    public async Task A_bad_request_is_a_400_that_names_its_field(string body, string? field)
    {
        var answer = await silo.Api.Post("v1/embeddings", body);
        if (field is null)
        {
            answer.Success(); // the demo's BOS alone
            return;
        }

        answer.Status.ShouldBe(HttpStatusCode.BadRequest, answer.Text);
        answer.Error().Text("param").ShouldBe(field);
    }

    [Fact]
    public async Task A_text_longer_than_the_context_is_a_400()
    {
        var answer = await silo.Api.Post("v1/embeddings", new { input = Enumerable.Repeat(5, 3000) });
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Error().Text("code").ShouldBe("context_length_exceeded");
    }

    private static float[] Vector(System.Text.Json.JsonElement item) => [.. item.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle())];
}
