using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Splitwiser.Tests;

namespace Splitwiser.Silo.Tests;

/// <summary>Answers of a format: whatever the model would have said, they have it.</summary>
public sealed class FormatTests(DemoSilo silo)
{
    private const string Person = """
        {"type":"object","properties":{"name":{"type":"string","maxLength":12},"age":{"type":"integer","minimum":0,"maximum":130},
         "tags":{"type":"array","items":{"enum":["a","b",null]},"maxItems":3},"at":{"$ref":"#/$defs/place"}},
         "required":["name","age","at"],"additionalProperties":false,
         "$defs":{"place":{"anyOf":[{"type":"null"},{"type":"object","properties":{"x":{"type":"number","exclusiveMinimum":-1,"maximum":1},"y":{"const":"ü\"\\"}},"required":["x"],"additionalProperties":false}]}}}
        """;

    [Fact]
    public async Task A_hot_model_answers_in_json_of_the_schema_each_time()
    {
        using var schema = JsonDocument.Parse(Person);
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(seed => silo.Api.Complete(new { prompt = "And the king said", temperature = 2, seed, max_tokens = 600, response_format = Of(schema.RootElement) })));
        foreach (var answer in answers) Check(answer.Choice().Text("text"), answer.Choice(), schema.RootElement);
        answers.Select(answer => answer.Choice().Text("text")).Distinct().Count().ShouldBeGreaterThan(20);
    }

    [Fact]
    public async Task Random_schemas_are_kept_to() => await RandomSchemas(40);

    [Fact, Trait("Category", "Long")]
    public async Task Five_hundred_random_schemas_are_kept_to() => await RandomSchemas(500);

    [Fact]
    public async Task A_chat_streams_json_of_the_schema()
    {
        using var schema = JsonDocument.Parse(Person);
        var events = await silo.Api.Events("v1/chat/completions", new
        {
            messages = new[] { new { role = "user", content = "Who?" } }, temperature = 2, seed = 3, max_tokens = 600, stream = true, response_format = Of(schema.RootElement),
            repetition_penalty = 1.2, frequency_penalty = 0.5, min_tokens = 300, logit_bias = new Dictionary<string, int> { ["17"] = 5 }, top_p = 0.9, top_k = 50,
        });
        var text = string.Concat(events.ChoicesOf(0).Select(choice => choice.GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : ""));
        Check(text, events.ChoicesOf(0).Last(), schema.RootElement);
    }

    [Fact]
    public async Task A_json_object_is_one_whenever_it_ends()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(seed => silo.Api.Complete(new { prompt = "x", temperature = 1.5, seed, max_tokens = 300, response_format = new { type = "json_object" } })));
        foreach (var answer in answers)
        {
            var text = answer.Choice().Text("text");
            text.ShouldStartWith("{");
            if (answer.Choice().Text("finish_reason") == "stop") JsonNode.Parse(text).ShouldBeOfType<JsonObject>();
            else answer.GetProperty("usage").Number("completion_tokens").ShouldBe(300);
        }
    }

    [Fact]
    public async Task Choices_patterns_and_vllms_fields_are_kept_to()
    {
        for (var seed = 0; seed < 5; seed++)
        {
            (await Text(new { prompt = "x", temperature = 2, seed, max_tokens = 50, guided_choice = new[] { "yes", "no", "näh" } })).ShouldBeOneOf("yes", "no", "näh");
            (await Text(new { prompt = "x", temperature = 2, seed, max_tokens = 50, structured_outputs = new { choice = new[] { "red", "redder" } } })).ShouldBeOneOf("red", "redder");
            Regex.IsMatch(await Text(new { prompt = "x", temperature = 2, seed, max_tokens = 50, guided_regex = "[a-f]{3}-\\d+(x|y)" }), "^[a-f]{3}-\\d+(x|y)$").ShouldBeTrue();
            (await Text(new { prompt = "x", temperature = 2, seed, max_tokens = 50, guided_json = """{"type":"boolean"}""" })).ShouldBeOneOf("true", "false");
            (await Text(new { prompt = "x", temperature = 2, seed, max_tokens = 50, structured_outputs = new { json = new { type = "null" } } })).ShouldBe("null");
        }
    }

    [Theory]
    [InlineData("grammar")]
    [InlineData("guided_grammar")]
    [InlineData("structured_outputs")]
    public async Task Grammars_are_kept_to(string field)
    {
        const string Grammar = """
            root ::= term ([-+] term)*     # sums, and sums in brackets
            term ::= [1-9] [0-9]{0,2} | "(" root ")"
            """;
        for (var seed = 0; seed < 10; seed++)
        {
            object asked = field == "structured_outputs" ? new { grammar = Grammar } : Grammar;
            var answer = (await silo.Api.Complete(new Dictionary<string, object> { ["prompt"] = "x", ["temperature"] = 1, ["seed"] = seed, ["max_tokens"] = 200, [field] = asked })).Choice();
            if (answer.Text("finish_reason") == "stop") Regex.IsMatch(answer.Text("text"), @"^(?:(?<open>\()*[1-9]\d{0,2}(?<-open>\))*(?:[-+](?=[(1-9])|$))+(?(open)(?!))$").ShouldBeTrue(answer.Text("text"));
            else answer.Text("text").Length.ShouldBeGreaterThan(100);
        }

        (await Text(new Dictionary<string, object> { ["prompt"] = "x", ["temperature"] = 2, ["max_tokens"] = 20, ["grammar"] = "root ::= \"yes\" | \"no\"" })).ShouldBeOneOf("yes", "no");
    }

    [Fact]
    public async Task What_max_tokens_cuts_says_so()
    {
        var answer = await silo.Api.Complete(new { prompt = "x", temperature = 1, seed = 1, max_tokens = 3, response_format = new { type = "json_object" } });
        answer.Choice().Text("finish_reason").ShouldBe("length");
    }

    [Fact]
    public async Task A_stop_string_still_cuts()
    {
        var answer = await silo.Api.Complete(new { prompt = "x", temperature = 1, max_tokens = 50, stop = "\"a\"", guided_json = new { type = "object", properties = new { a = new { type = "boolean" } }, required = new[] { "a" } } });
        answer.Choice().Text("finish_reason").ShouldBe("stop");
        answer.Choice().Text("text").Trim().ShouldBe("{");
    }

    [Fact]
    public async Task Free_requests_beside_formatted_ones_say_what_they_say_alone()
    {
        var free = new { prompt = "And the king said", temperature = 0.8, seed = 7, max_tokens = 60, return_token_ids = true };
        var alone = await silo.Api.Complete(free);
        using var schema = JsonDocument.Parse(Person);
        var formatted = Enumerable.Range(0, 8).Select(seed => silo.Api.Complete(new { prompt = "And", temperature = 1, seed, max_tokens = 200, response_format = Of(schema.RootElement) })).ToArray();
        var beside = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => silo.Api.Complete(free)));
        foreach (var answer in beside) answer.Choice().TokenIds().ShouldBe(alone.Choice().TokenIds());
        await Task.WhenAll(formatted);
    }

    [Theory]
    [InlineData("""{"response_format": {"type": "grammar"}}""", "response_format.type", "json_schema")]
    [InlineData("""{"response_format": {"type": 5}}""", "response_format.type", "string")]
    [InlineData("""{"response_format": {}}""", "response_format.type", "json_schema")]
    [InlineData("""{"response_format": {"type": "json_schema"}}""", "response_format.json_schema", "schema")]
    [InlineData("""{"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}""", "response_format.json_schema.schema", "schema")]
    [InlineData("""{"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "properties": {"a": {"not": {}}}}}}}""", "response_format.json_schema.schema", "#/properties/a")]
    [InlineData("""{"guided_json": {"type": "array", "uniqueItems": true}}""", "guided_json", "uniqueItems")]
    [InlineData("""{"guided_json": {"$ref": "#"}}""", "guided_json", "$ref")]
    [InlineData("""{"guided_json": {"enum": []}}""", "guided_json", "no value")]
    [InlineData("""{"guided_json": "{"}""", "guided_json", "JSON")]
    [InlineData("""{"guided_regex": "(?=a)"}""", "guided_regex", "look-around")]
    [InlineData("""{"guided_choice": []}""", "guided_choice", "list")]
    [InlineData("""{"guided_grammar": "root ::= \"a\"\nx ::= y"}""", "guided_grammar", "line 2, column 7: there is no rule 'y'")]
    [InlineData("""{"grammar": "root ::= root \"a\""}""", "grammar", "line 1, column 10: the rule 'root' begins with itself")]
    [InlineData("""{"structured_outputs": {"grammar": "root ::= ("}}""", "structured_outputs.grammar", "line 1, column 10")]
    [InlineData("""{"structured_outputs": {"grammar": 5}}""", "structured_outputs.grammar", "string")]
    [InlineData("""{"grammar": "root ::= \"a\"", "guided_regex": "a"}""", "grammar", "one format")]
    [InlineData("""{"guided_json": {"type": "null"}, "guided_regex": "a"}""", "guided_regex", "one format")]
    [InlineData("""{"guided_json": {"type": "null"}, "ignore_eos": true}""", "ignore_eos", "complete")]
    public async Task What_cannot_be_honoured_is_refused_by_name(string fields, string parameter, string reason)
    {
        var body = JsonNode.Parse(fields)!.AsObject();
        body["prompt"] = "x";
        var answer = await silo.Api.Post("v1/completions", body.ToJsonString());
        answer.Status.ShouldBe(HttpStatusCode.BadRequest, answer.Text);
        answer.Error().Text("param").ShouldBe(parameter);
        answer.Error().Text("message").ShouldContain(reason);
    }

    private async Task<string> Text(object body)
    {
        var choice = (await silo.Api.Complete(body)).Choice();
        choice.Text("finish_reason").ShouldBe("stop");
        return choice.Text("text");
    }

    /// <summary>Answers of random schemas are valid by our validator and by another one, which also agrees about texts that are no answers of their schemas.</summary>
    private async Task RandomSchemas(int count)
    {
        var random = new Random(5);
        var drawn = Enumerable.Repeat(0, int.MaxValue).Select(_ => SchemaSample.Draw(random).Schema.ToJsonString());
        var schemas = drawn.Where(schema => !schema.Contains("maxProperties", StringComparison.Ordinal)).Take(count).Select(schema => JsonDocument.Parse(schema).RootElement).ToArray();   // names of further members have no bounds
        var texts = new string[count];
        await Parallel.ForEachAsync(schemas.Index(), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = TestContext.Current.CancellationToken }, async (schema, _) =>
        {
            var answer = await silo.Api.Complete(new { prompt = "In the beginning", temperature = 1, seed = schema.Index, max_tokens = 1900, response_format = Of(schema.Item) });
            texts[schema.Index] = answer.Choice().Text("text");
            Check(texts[schema.Index], answer.Choice(), schema.Item);
        });

        SecondOpinion.Require();
        var answers = schemas.Zip(texts, (schema, text) => (schema.GetRawText(), text)).ToList();
        (await SecondOpinion.On(answers, TestContext.Current.CancellationToken)).Zip(answers).ShouldAllBe(judged => judged.First == SecondOpinion.Valid);
        var strangers = schemas.Zip(texts.Skip(1).Append(texts[0]), (schema, text) => (schema.GetRawText(), text)).ToList();
        var verdicts = await SecondOpinion.On(strangers, TestContext.Current.CancellationToken);
        for (var i = 0; i < count; i++)
        {
            using var value = JsonDocument.Parse(strangers[i].text);
            (verdicts[i] == SecondOpinion.Valid).ShouldBe(SchemaValidator.IsValid(value.RootElement, schemas[i]), $"{strangers[i]}: {verdicts[i]}");
        }
    }

    private static object Of(JsonElement schema) => new { type = "json_schema", json_schema = new { name = "answer", strict = true, schema } };

    private static void Check(string text, JsonElement choice, JsonElement schema)
    {
        choice.Text("finish_reason").ShouldBe("stop", text);
        using var value = JsonDocument.Parse(text);
        SchemaValidator.IsValid(value.RootElement, schema).ShouldBeTrue($"{schema}\n{text}");
    }
}
