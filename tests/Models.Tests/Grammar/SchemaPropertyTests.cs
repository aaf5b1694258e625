using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Splitwiser.Models.Grammar;
using Splitwiser.Tests;
using Property = Splitwiser.Tests.Property;

namespace Splitwiser.Models.Tests.Grammar;

/// <summary>Random schemas on every tokenizer: whatever is written is valid, and whatever is valid may be written.</summary>
public class SchemaPropertyTests
{
    private static readonly Arbitrary<int> seeds = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    public static TheoryData<string> Names => Vocabularies.Names;

    [Theory, MemberData(nameof(Names))]
    public void Whatever_chance_writes_satisfies_its_schema(string vocabulary) => Walks(vocabulary, vocabulary == "demo" ? 300 : 40);

    [Theory, MemberData(nameof(Names)), Trait("Category", "Long")]
    public void Whatever_chance_writes_satisfies_thousands_of_schemas(string vocabulary) => Walks(vocabulary, vocabulary == "demo" ? Property.Cases : 1000);

    [Theory, MemberData(nameof(Names))]
    public void Every_value_of_a_schema_is_accepted(string vocabulary) => Accepts(vocabulary, vocabulary == "demo" ? 1000 : 100);

    [Theory, MemberData(nameof(Names)), Trait("Category", "Long")]
    public void Every_value_of_ten_thousand_schemas_is_accepted(string vocabulary) => Accepts(vocabulary, Property.Cases);

    private static void Walks(string vocabulary, int cases)
    {
        var (tokenizer, grammars) = Vocabularies.Open(vocabulary);
        Property.Holds(seeds, seed =>
        {
            var random = new Random(seed);
            var schema = SchemaSample.Draw(random).Schema.ToJsonString();
            var text = GrammarWalk.Text(grammars.Of(new Constraint { Kind = ConstraintKind.JsonSchema, Source = schema }), tokenizer, random);
            text.ShouldNotBeNull(schema);
            using var value = Parse(text, schema);
            SchemaValidator.IsValid(value.RootElement, JsonDocument.Parse(schema).RootElement).ShouldBeTrue($"{schema}\n{text}");
        }, cases);
    }

    private static void Accepts(string vocabulary, int cases)
    {
        var (tokenizer, grammars) = Vocabularies.Open(vocabulary);
        Property.Holds(seeds, seed =>
        {
            var random = new Random(seed);
            var sample = SchemaSample.Draw(random);
            var schema = sample.Schema.ToJsonString();
            var text = sample.Value(random);
            using var value = Parse(text, schema);
            SchemaValidator.IsValid(value.RootElement, JsonDocument.Parse(schema).RootElement).ShouldBeTrue($"{schema}\n{text}");
            GrammarWalk.Accepts(grammars.Of(new Constraint { Kind = ConstraintKind.JsonSchema, Source = schema }), tokenizer, text).ShouldBeTrue($"{schema}\n{text}");
        }, cases);
    }

    private static JsonDocument Parse(string text, string schema)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"{schema}\n{text}", e);
        }
    }
}
