using System.Text.Json;
using Splitwiser.Models.Grammar;

namespace Splitwiser.Models.Tests.Grammar;

/// <summary>Grammars as llama.cpp writes them: what they take, and what is wrong with those that are refused.</summary>
public sealed class GbnfTests
{
    private const string Json = """
        # JSON without numbers' fractions
        root   ::= object ws
        value  ::= object | array | string | number | ("true" | "false" | "null") ws
        object ::=
          "{" ws (
            string ":" ws value
            ("," ws string ":" ws value)*
          )? "}" ws   # a group goes on over line ends
        array  ::= "[" ws ( value ("," ws value)* )? "]" ws
        string ::= "\"" ( [^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) )* "\"" ws
        number ::= "-"? ([0-9] | [1-9] [0-9]{0,15}) ws
        ws ::= | " " | "\n" [ \t]{0,20}
        """;

    /// <summary>A grammar, texts of it, and others.</summary>
    public static TheoryData<string, string[], string[]> Texts => new()
    {
        { "root ::= \"yes\" | \"no\"", ["yes", "no"], ["", "ye", "yesno", "maybe"] },
        { "root ::= a b\na ::= \"x\"\nb ::= \"y\"", ["xy"], ["x", "y", "yx"] },
        { "root ::= [a-c]+ [^a-c\\n] [-x] .", ["ab!-é", "cdx\n"], ["!-é", "ab\n-x", "ab!yz"] },
        { "root ::= \"a\"* \"b\"+ \"c\"? \"d\"{2} \"e\"{1,} \"f\"{ 1 , 2 } \"g\"{,1}", ["bddef", "aabbcddeeffg"], ["ddef", "bdef", "bddf", "bddefff", "bddefgg"] },
        { "root ::= (\"a\" | \"b\" \"c\")* \"d\"", ["d", "ad", "bcad"], ["bd", "cd"] },
        { "root ::= \"\\x41\\u00e9\\U0001F642\\n\\t\\\"\\\\\\[\\]\"", ["Aé🙂\n\t\"\\[]"], ["A"] },
        { "root ::= \"a\"\n  | \"b\" # the line before goes on\n\n  | \"c\"\n", ["a", "b", "c"], ["d", "ab"] },
        { "root ::= \"\" | \"x\" root", ["", "x", new string('x', 3000)], ["y", "xy"] },
        { "root ::= \"(\" root \")\" root |", ["", "()", "(())()", $"{new string('(', 60)}{new string(')', 60)}"], ["(", ")(", "())"] },
        { "root ::= item (\",\" item)*\nitem ::= [0-9]+ | \"[\" root \"]\"", ["1", "1,22", "[1,[2,3]],4"], ["", "1,", "[1", "[]"] },
        { "root ::= x{2,3} y\nx ::= \"a\" x? \"b\"\ny ::= \"\" | y-more\ny-more ::= \"c\" y", ["abab", "aabbabab", "ababccc"], ["ab", "abababab", "abac"] },
        { "unused ::= \"z\"\r\nroot_2 ::= \"b\"\rroot ::= root_2 root_2\r\n", ["bb"], ["b", "z"] },
        { "root ::= (\"a\"? \"b\"?)* \"c\"", ["c", "abbac"], ["ab", "d"] },
        { Json, ["{}", "{\"a\": [1, {\"b\": null}], \"c\": \"\\u00e9é\"}", "{\n\t}"], ["", "[]", "{\"a\"}", "{\"a\": 01}", "{\"\n\": 1}"] },
    };

    [Theory, MemberData(nameof(Texts))]
    public void A_grammar_takes_its_texts_and_no_others(string grammar, string[] texts, string[] others)
    {
        var (tokenizer, grammars) = Vocabularies.Open("demo");
        var compiled = grammars.Of(Gbnf(grammar));
        foreach (var text in texts) GrammarWalk.Accepts(compiled, tokenizer, text).ShouldBeTrue(text);
        foreach (var text in others) GrammarWalk.Accepts(compiled, tokenizer, text).ShouldBeFalse(text);
    }

    [Theory]
    [InlineData("", "there is no rule 'root'")]
    [InlineData("x ::= \"a\"", "there is no rule 'root'")]
    [InlineData("root ::= x", "line 1, column 10: there is no rule 'x'")]
    [InlineData("root ::= \"a\"\nroot ::= \"b\"", "line 2, column 1: the rule 'root' is there twice")]
    [InlineData("root = \"a\"", "line 1, column 6: expected '::='")]
    [InlineData("root", "but the grammar ends")]
    [InlineData("\n\n ::= \"a\"", "line 3, column 2: expected the name of a rule")]
    [InlineData("root ::= \"a\n\"", "line 1, column 10: a text without its closing quote")]
    [InlineData("root ::= [a-", "line 1, column 10: a '[' without its ']'")]
    [InlineData("root ::= [z-a]", "line 1, column 10: a range ends before it starts")]
    [InlineData("root ::= []", "line 1, column 10: a class that no character is in")]
    [InlineData("root ::= (\"a\"", "line 1, column 10: a '(' without its ')'")]
    [InlineData("root ::= \"a\")", "line 1, column 13: ')' is not expected here")]
    [InlineData("root ::= (\"a\"\nx ::= \"b\"", "line 2, column 3: ':' is not expected here")]
    [InlineData("root ::= *", "line 1, column 10: there is nothing to repeat")]
    [InlineData("root ::= \"a\"**", "line 1, column 14: a repetition is repeated")]
    [InlineData("root ::= \"a\"{", "line 1, column 13: a '{'")]
    [InlineData("root ::= \"a\"{3,2}", "line 1, column 13: a repetition ends before it starts")]
    [InlineData("root ::= \"a\"{10001}", "line 1, column 13: repetitions go up to 10000")]
    [InlineData("root ::= \"\\q\"", "line 1, column 11: there is no escape '\\q'")]
    [InlineData("root ::= \"\\xg0\"", "line 1, column 11: an escape needs 2 hexadecimal digits")]
    [InlineData("root ::= \"\\ud800\"", "line 1, column 11: an escape that stands for no character")]
    [InlineData("root ::= \"\\UFFFFFFFF\"", "line 1, column 11: an escape that stands for no character")]
    [InlineData("root ::= <think>", "line 1, column 10: tokens by name or number are not served")]
    [InlineData("root ::= %", "line 1, column 10: '%' is not expected here")]
    [InlineData("root ::= root \"a\" | \"b\"", "line 1, column 10: the rule 'root' begins with itself")]
    [InlineData("root ::= \"x\" | a\na ::= ws b \"y\"\nb ::= \"z\" | ws a\nws ::= \" \"*", "line 2, column 10: the rule 'a' begins with itself")]
    [InlineData("root ::= (\"a\"? root)*", "begins with itself")]
    [InlineData("root ::= \"a\" root", "line 1, column 1: no text can finish the rule 'root'")]
    [InlineData("root ::= (x \"a\"?){0,65}\nx ::= \"\" | \"(\" x \")\"", "line 1, column 18: what may be empty is repeated up to 64 times")]
    public void What_is_wrong_is_said_with_line_and_column(string grammar, string message)
    {
        var (_, grammars) = Vocabularies.Open("demo");
        Should.Throw<GrammarException>(() => grammars.Of(Gbnf(grammar))).Message.ShouldContain(message);
    }

    [Theory, MemberData(nameof(Vocabularies.Names), MemberType = typeof(Vocabularies))]
    public void What_chance_writes_by_a_grammar_of_json_is_json(string vocabulary)
    {
        var (tokenizer, grammars) = Vocabularies.Open(vocabulary);
        var grammar = grammars.Of(Gbnf(Json));
        var whole = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            if (GrammarWalk.Text(grammar, tokenizer, new Random(seed)) is not { } text) continue;
            JsonDocument.Parse(text).RootElement.ValueKind.ShouldBe(JsonValueKind.Object);
            whole++;
        }

        whole.ShouldBeGreaterThan(30);
    }

    [Fact]
    public void Rules_within_rules_end_at_a_depth_and_rules_at_the_end_of_rules_do_not()
    {
        var (tokenizer, grammars) = Vocabularies.Open("demo");
        var nested = grammars.Of(Gbnf("root ::= \"(\" root \")\" | \"x\""));
        GrammarWalk.Accepts(nested, tokenizer, $"{new string('(', 64)}x{new string(')', 64)}").ShouldBeTrue();
        GrammarWalk.Accepts(nested, tokenizer, $"{new string('(', 65)}x{new string(')', 65)}").ShouldBeFalse();
        var list = grammars.Of(Gbnf("root ::= \"(\" root | \"x\""));
        GrammarWalk.Accepts(list, tokenizer, $"{new string('(', 5000)}x").ShouldBeTrue();
    }

    private static Constraint Gbnf(string grammar) => new() { Kind = ConstraintKind.Grammar, Source = grammar };
}
