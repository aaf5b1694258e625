using Splitwiser.Models.Grammar;

namespace Splitwiser.Models.Tests.Grammar;

/// <summary>Each keyword by examples: what it lets through, what it doesn't, and how it is refused.</summary>
public class SchemaKeywordTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", "\"\"|\"a\\u00e9\\ud83d\\ude00\\/\"|\"ü𝄞\"", "\"|\"\n\"|\"\\ud83d\"|\"\\x\"|a|\"a\" ")]
    [InlineData("""{"type":"string","minLength":2,"maxLength":3}""", "\"ab\"|\"𝄞𝄞𝄞\"|\"\\\"\\\"\"", "\"a\"|\"abcd\"|\"\\u0061b\"")]
    [InlineData("""{"type":"string","pattern":"b+"}""", "\"abbc\"|\"b\"", "\"a\"|\"\"")]
    [InlineData("""{"type":"string","pattern":"^a|c$"}""", "\"ax\"|\"xc\"", "\"xa\"|\"cx\"")]
    [InlineData("""{"type":"string","format":"date"}""", "\"2024-02-29\"|\"2000-02-29\"|\"1999-12-31\"", "\"2023-02-29\"|\"1900-02-29\"|\"2024-04-31\"|\"2024-13-01\"")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2024-02-29T23:59:59Z\"|\"2024-01-01T00:00:00.5+01:30\"", "\"2024-02-29 23:59:59Z\"|\"2024-02-29T24:00:00Z\"")]
    [InlineData("""{"type":"string","format":"ipv6"}""", "\"::1\"|\"2001:db8::1\"|\"1:2:3:4:5:6:7:8\"|\"::\"", "\"1:2\"|\":::\"|\"1:2:3:4:5:6:7:8:9\"")]
    [InlineData("""{"type":"string","format":"email"}""", "\"a.b@c.de\"", "\"a@b\"|\"@c.de\"")]
    [InlineData("""{"type":"string","format":"duration"}""", "\"P1D\"|\"PT1H30M\"|\"P2W\"|\"P1Y2MT5S\"", "\"P\"|\"PT\"|\"1D\"")]
    [InlineData("""{"type":"integer"}""", "0|-1|123456789012345678", "-0|01|1.0|1e3|1234567890123456789")]
    [InlineData("""{"type":"integer","minimum":-5,"exclusiveMaximum":12}""", "-5|0|9|11", "-6|12|100|-10")]
    [InlineData("""{"type":"number","exclusiveMinimum":0.25,"maximum":10}""", "0.26|1|9.99|10|10.0|0.2500001", "0.25|0|10.1|-1|1e0")]
    [InlineData("""{"type":"number","minimum":-1.5,"maximum":-0.5}""", "-1.5|-1|-0.5|-0.75", "-1.51|-0.49|0|1")]
    [InlineData("""{"type":"integer","multipleOf":7,"minimum":0}""", "0|7|70|693", "1|8|-7")]
    [InlineData("""{"type":"number","multipleOf":0.25}""", "0|1|1.5|-2.75|0.25", "0.1|1.24|0.3")]
    [InlineData("""{"type":"number"}""", "0|-1.5|1e5|2.5E-10", ".5|1.|+1|01|NaN")]
    [InlineData("""{"enum":[1,"a",null,[1,{"b":2}]]}""", "1|\"a\"|null|[1,{\"b\":2}]", "2|\"b\"|[1]")]
    [InlineData("""{"const":"é\n"}""", "\"é\\n\"", "\"e\"")]
    [InlineData("""{"type":["integer","null"],"enum":[1,"a",null,2.5,9],"maximum":5}""", "1|null", "\"a\"|2.5|9")]
    [InlineData("""{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":2}""", "[1]|[1,2]|[ 1, 2 ]|[\n  1,\n  2\n]", "[]|[1,2,3]|[1,]|[1  ]|[1 ,2]")]
    [InlineData("""{"type":"array","prefixItems":[{"const":1},{"const":2}],"items":{"const":3}}""", "[]|[1]|[1,2]|[1,2,3,3]", "[2]|[1,3]")]
    [InlineData("""{"type":"array","items":[{"const":1}],"additionalItems":false}""", "[]|[1]", "[1,1]")]
    [InlineData("""{"type":"object","properties":{"a":{"const":1},"b":{"const":2}},"required":["b"]}""", "{\"b\":2}|{\"a\": 1, \"b\": 2}", "{\"a\":1}|{}|{\"b\":2,\"a\":1}|{\"b\":2,\"c\":1}|{\"b\":2,}")]
    [InlineData("""{"type":"object","properties":{"a":{"const":1}},"additionalProperties":{"const":2}}""", "{}|{\"a\":1}|{\"b\":2}|{\"a\":1,\"aa\":2,\"\":2}", "{\"a\":2}|{\"b\":1}|{\"b\":2,\"a\":2}|{\"\\u0061\":2}")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"},"minProperties":1,"maxProperties":2}""", "{\"x\":1}|{\"x\":1,\"y\":2}", "{}|{\"x\":1,\"y\":2,\"z\":3}")]
    [InlineData("""{"type":"object","properties":{"a":{},"b":{},"c":{}},"minProperties":2,"additionalProperties":false}""", "{\"a\":1,\"c\":[]}|{\"b\":{},\"c\":null}", "{\"a\":1}|{\"c\":1}")]
    [InlineData("""{"type":"object","required":["x"]}""", "{\"x\":1}|{\"x\":1,\"y\":2}", "{}|{\"y\":2}")]
    [InlineData("""{"type":"object"}""", "{}|{\"any\":[1,{}]}", "[]|1")]
    [InlineData("""{"properties":{"a":{"type":"null"}}}""", "{}|{\"a\":null}", "1|{\"a\":1}")]
    [InlineData("{}", "1|\"x\"|[1,{\"a\":null}]|true", "tru|[1")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"integer","minimum":5},{"const":"x"}]}""", "1|7|\"x\"", "\"y\"|null")]
    [InlineData("""{"type":"integer","anyOf":[{"minimum":5},{"maximum":-5}]}""", "5|-5", "0|\"x\"")]
    [InlineData("""{"oneOf":[{"type":"object","properties":{"k":{"const":"a"},"v":{"type":"integer"}},"required":["k","v"]},{"type":"object","properties":{"k":{"const":"b"}},"required":["k"]}]}""", "{\"k\":\"a\",\"v\":1}|{\"k\":\"b\"}", "{\"k\":\"a\"}|{\"k\":\"c\"}")]
    [InlineData("""{"allOf":[{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"a":{"minimum":3},"b":{"const":1}}}]}""", "{\"a\":3}|{\"a\":4,\"b\":1}", "{\"a\":2}|{\"b\":1}")]
    [InlineData("""{"$ref":"#/$defs/a~1b","$defs":{"a/b":{"type":"boolean"}}}""", "true|false", "null")]
    [InlineData("""{"type":"object","properties":{"next":{"anyOf":[{"type":"null"},{"$ref":"#"}]}},"required":["next"]}""", "{\"next\":null}|{\"next\":{\"next\":{\"next\":null}}}", "{}|{\"next\":{}}")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"array","items":{"$ref":"#"}}]}""", "1|[]|[1,[[2]]]", "[null]")]
    public void A_keyword_lets_through_what_satisfies_it(string schema, string good, string bad)
    {
        var (tokenizer, grammars) = Vocabularies.Open("demo");
        var grammar = grammars.Of(Schema(schema));
        foreach (var text in good.Split('|')) GrammarWalk.Accepts(grammar, tokenizer, text).ShouldBeTrue(text);
        foreach (var text in bad.Split('|')) GrammarWalk.Accepts(grammar, tokenizer, text).ShouldBeFalse(text);
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"not":{}}}}""", "#/properties/a", "not")]
    [InlineData("""{"if":{},"then":{}}""", "#", "if")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "#", "uniqueItems")]
    [InlineData("""{"type":"array","contains":{}}""", "#", "contains")]
    [InlineData("""{"type":"object","patternProperties":{"^a":{}}}""", "#", "patternProperties")]
    [InlineData("""{"type":"object","unevaluatedProperties":false}""", "#", "unevaluatedProperties")]
    [InlineData("""{"type":"object","dependentRequired":{}}""", "#", "dependentRequired")]
    [InlineData("""{"type":"object","propertyNames":{}}""", "#", "propertyNames")]
    [InlineData("""{"type":"string","format":"regex"}""", "#", "format")]
    [InlineData("""{"type":"string","pattern":"(?!a)"}""", "#", "pattern")]
    [InlineData("""{"type":"string","pattern":"a\\b"}""", "#", "pattern")]
    [InlineData("""{"type":"string","pattern":"(a"}""", "#", "pattern")]
    [InlineData("""{"type":"any"}""", "#", "type")]
    [InlineData("""{"type":5}""", "#", "type")]
    [InlineData("""{"minimum":true}""", "#", "minimum")]
    [InlineData("""{"exclusiveMinimum":true}""", "#", "exclusiveMinimum")]
    [InlineData("""{"multipleOf":0}""", "#", "multipleOf")]
    [InlineData("""{"multipleOf":123456}""", "#", "multipleOf")]
    [InlineData("""{"minItems":-1}""", "#", "minItems")]
    [InlineData("""{"minLength":1.5}""", "#", "minLength")]
    [InlineData("""{"enum":{}}""", "#", "enum")]
    [InlineData("""{"required":"a"}""", "#", "required")]
    [InlineData("""{"properties":[]}""", "#", "properties")]
    [InlineData("""{"type":"string","type":"null"}""", "#", "type")]
    [InlineData("""{"anyOf":[]}""", "#", "anyOf")]
    [InlineData("""{"anyOf":[5]}""", "#/anyOf/0", "schema")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"number"}]}""", "#", "oneOf")]
    [InlineData("""{"oneOf":[{"minLength":2},{"maxLength":3}]}""", "#", "oneOf")]
    [InlineData("""{"$ref":"http://example.com/schema"}""", "#", "$ref")]
    [InlineData("""{"$ref":"#/nowhere"}""", "#", "$ref")]
    [InlineData("""{"$ref":"#"}""", "#", "$ref")]
    [InlineData("""{"allOf":[{"$ref":"#"}]}""", "#", "$ref")]
    [InlineData("""{"anyOf":[{"$ref":"#"},{"type":"null"}]}""", "#", "$ref")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}""", "#/$defs/a", "$ref")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""", "#", "schema")]
    [InlineData("""{"type":"integer","minimum":5,"maximum":4}""", "#", "schema")]
    [InlineData("""{"type":"string","enum":[1]}""", "#", "schema")]
    [InlineData("false", "#", "schema")]
    [InlineData("[]", "#", "schema")]
    [InlineData("5", "#", "schema")]
    [InlineData("{", "#", "schema")]
    public void What_cannot_be_honoured_names_its_place_and_keyword(string schema, string pointer, string keyword)
    {
        var error = Should.Throw<GrammarException>(() => Vocabularies.Open("demo").Grammars.Of(Schema(schema)));
        error.Pointer.ShouldBe(pointer, error.Message);
        error.Keyword.ShouldBe(keyword, error.Message);
    }

    private static Constraint Schema(string schema) => new() { Kind = ConstraintKind.JsonSchema, Source = schema };
}
