using System.Diagnostics;
using System.Text;
using Splitwiser.Models.Grammar;

namespace Splitwiser.Models.Tests.Grammar;

/// <summary>Schemas that would eat time or memory: refused, or served within bounds; never a hang.</summary>
public class HostileSchemaTests
{
    public static TheoryData<string> Hostile =>
    [
        $"{string.Concat(Enumerable.Repeat("{\"items\":", 60))}true{new string('}', 60)}",
        $"{string.Concat(Enumerable.Repeat("{\"items\":", 1000))}true{new string('}', 1000)}",
        Doubling("allOf"),
        Doubling("anyOf"),
        "{\"allOf\":[" + string.Join(",", Enumerable.Range(0, 12).Select(i => $"{{\"anyOf\":[{{\"minimum\":{i}}},{{\"maximum\":{i}}},{{\"multipleOf\":{i + 2}}}]}}")) + "]}",
        """{"type":"string","pattern":"((a{0,500}){0,500}){0,500}"}""",
        """{"type":"string","pattern":"(a|b)*a(a|b){30}"}""",
        """{"type":"string","pattern":"x{0,10000}y{0,10000}"}""",
        """{"type":"string","maxLength":1000000000}""",
        """{"type":"string","minLength":1000,"pattern":"(a|aa)+b"}""",
        """{"type":"array","minItems":1000000000,"items":{"type":"array","minItems":1000000000}}""",
        """{"type":"integer","minimum":-1e18,"maximum":1e300,"multipleOf":9999}""",
        "{\"enum\":[" + string.Join(",", Enumerable.Range(0, 100_000).Select(i => $"\"value {i} {i * 7}\"")) + "]}",
        "{\"type\":\"object\",\"properties\":{" + string.Join(",", Enumerable.Range(0, 3000).Select(i => $"\"property{i}\":{{\"type\":\"integer\"}}")) + "}}",
        "{\"anyOf\":[" + string.Join(",", Enumerable.Range(0, 300).Select(i => $"{{\"type\":\"array\",\"items\":{{\"$ref\":\"#\"}},\"maxItems\":{i + 1}}}")) + "]}",
        """{"type":"object","properties":{"a":{"allOf":[{"$ref":"#"},{"$ref":"#/properties/a"}]}}}""",
        Mutual(),
    ];

    [Theory, MemberData(nameof(Hostile))]
    public void A_hostile_schema_is_refused_or_served_in_time(string schema)
    {
        var (tokenizer, grammars) = Vocabularies.Open("demo");
        var started = Stopwatch.StartNew();
        try
        {
            var grammar = grammars.Of(new Constraint { Kind = ConstraintKind.JsonSchema, Source = schema });
            GrammarWalk.Text(grammar, tokenizer, new Random(1), most: 40);
        }
        catch (GrammarException e)
        {
            e.Message.ShouldNotBeNullOrEmpty();
        }
        started.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(3));
    }

    [Fact]
    public void No_text_is_nested_deeper_than_readers_read()
    {
        var (tokenizer, grammars) = Vocabularies.Open("demo");
        var cursor = grammars.Of(new Constraint { Kind = ConstraintKind.JsonSchema, Source = "{}" }).Open([tokenizer.VocabularySize - 1]);
        var open = tokenizer.Encode("[", addSpecialTokens: false)[0];
        for (var depth = 0; depth < 64; depth++) cursor.TryAccept(open).ShouldBeTrue();
        cursor.TryAccept(open).ShouldBeFalse();
        var text = GrammarWalk.Finish(cursor, tokenizer, new Random(1));
        System.Text.Json.JsonDocument.Parse(new string('[', 64) + text).RootElement.GetArrayLength().ShouldBeGreaterThan(0);
    }

    private static string Doubling(string keyword)
    {
        var schema = new StringBuilder("{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
        for (var i = 0; i < 40; i++) schema.Append($"\"d{i}\":{{\"{keyword}\":[{{\"$ref\":\"#/$defs/d{i + 1}\"}},{{\"$ref\":\"#/$defs/d{i + 1}\",\"title\":\"x\"}}]}},");
        return schema.Append("\"d40\":{\"type\":\"null\"}}}").ToString();
    }

    private static string Mutual()
    {
        var schema = new StringBuilder("{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
        for (var i = 0; i < 30; i++) schema.Append($"{(i > 0 ? "," : "")}\"d{i}\":{{\"type\":\"object\",\"properties\":{{\"a\":{{\"allOf\":[{{\"$ref\":\"#/$defs/d{(i + 1) % 30}\"}},{{\"$ref\":\"#/$defs/d{i * 7 % 30}\"}}]}}}}}}");
        return schema.Append("}}").ToString();
    }
}
