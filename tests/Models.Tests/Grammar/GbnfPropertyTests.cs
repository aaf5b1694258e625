using System.Diagnostics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Splitwiser.Models.Grammar;
using Property = Splitwiser.Tests.Property;

namespace Splitwiser.Models.Tests.Grammar;

/// <summary>Random grammars against a reader of our own, and grammars that would eat time, memory or the stack.</summary>
public sealed class GbnfPropertyTests
{
    private static readonly Arbitrary<int> seeds = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    public static TheoryData<string> Names => Vocabularies.Names;

    public static TheoryData<string> Hostile =>
    [
        $"root ::= {new string('(', 100)}\"a\"{new string(')', 100)}",
        $"root ::= {new string('(', 100_000)}\"a\"{new string(')', 100_000)}",
        $"root ::= \"{new string('a', 1_000_000)}\"",
        "root ::= " + string.Concat(Enumerable.Repeat("x? ", 15_000)) + "\nx ::= \"a\" x \"b\" | \"c\"",
        "root ::= " + string.Concat(Enumerable.Repeat("x ", 15_000)) + "\nx ::= \"\" | \"a\" x \"b\"",
        Chain(15_000, "r{0} ::= r{1}"),
        Chain(15_000, "r{0} ::= \"a\" r{1} \"b\""),
        Chain(40, "r{0} ::= r{1} r{1}"),
        Chain(40, "r{0} ::= r{1} r{1} | \"(\" root \")\""),
        Chain(12, "r{0} ::= r{1}{{0,10000}}"),
        "root ::= ((\"a\"{0,10000}){0,10000}){0,10000}",
        "root ::= (\"a\" | \"b\")* \"a\" (\"a\" | \"b\"){30}",
        "root ::= x{0,64}\nx ::= (\"a\"? y){0,64}\ny ::= (\"b\"? z){0,64}\nz ::= \"\" | \"(\" root \")\"",
        "root ::= (root2 | root3)*\nroot2 ::= \"a\" root3? root2? | \"a\"\nroot3 ::= \"a\" root2? root3? | \"a\" \"a\"",
        "root ::= \"a\" root root root | \"b\"",
        "root ::= [" + string.Concat(Enumerable.Range(0, 50_000).Select(i => char.ConvertFromUtf32(0x4E00 + 2 * (i % 10_000)))) + "]*",
        string.Concat(Enumerable.Range(0, 30_000).Select(i => $"r{i} ::= \"{i}\"\n")) + "root ::= r1",
        new string('\n', 1_000_000) + "root ::=",
    ];

    [Theory, MemberData(nameof(Names))]
    public void Whatever_chance_writes_is_a_text_of_its_grammar(string vocabulary)
    {
        var (tokenizer, grammars) = Vocabularies.Open(vocabulary);
        var whole = 0;
        Property.Holds(seeds, seed =>
        {
            var random = new Random(seed);
            var sample = new GbnfSample(random);
            if (GrammarWalk.Text(grammars.Of(Gbnf(sample.ToString())), tokenizer, random, most: 100) is not { } text) return;
            whole++;
            sample.Matches(text).ShouldBeTrue($"{sample}\n{text}");
        }, vocabulary == "demo" ? 500 : 60);
        whole.ShouldBeGreaterThan(vocabulary == "demo" ? 250 : 30);
    }

    [Fact]
    public void Every_text_of_a_grammar_is_accepted_and_a_changed_one_where_it_still_is_one()
    {
        var (tokenizer, grammars) = Vocabularies.Open("demo");
        Property.Holds(seeds, seed =>
        {
            var random = new Random(seed);
            var sample = new GbnfSample(random);
            var grammar = grammars.Of(Gbnf(sample.ToString()));
            var text = sample.Draw();
            if (text.Length > 300) return;
            sample.Matches(text).ShouldBeTrue();
            GrammarWalk.Accepts(grammar, tokenizer, text).ShouldBeTrue($"{sample}\n{text}");
            var changed = new StringBuilder(text);
            if (changed.Length > 0 && random.Next(2) == 0) changed.Remove(random.Next(changed.Length), 1);
            else changed.Insert(random.Next(changed.Length + 1), "abcé"[random.Next(4)]);
            GrammarWalk.Accepts(grammar, tokenizer, changed.ToString()).ShouldBe(sample.Matches(changed.ToString()), $"{sample}\n{changed}");
        }, 1000);
    }

    [Theory, MemberData(nameof(Hostile)), Trait("Category", "Long")]
    public void A_hostile_grammar_is_refused_or_served_in_time(string grammar)
    {
        var (tokenizer, grammars) = Vocabularies.Open("demo");
        var started = Stopwatch.StartNew();
        try
        {
            GrammarWalk.Text(grammars.Of(Gbnf(grammar)), tokenizer, new Random(1), most: 40);
        }
        catch (GrammarException e)
        {
            e.Message.ShouldNotBeNullOrEmpty();
        }
        started.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(3));
    }

    private static string Chain(int length, string rule)
    {
        var text = new StringBuilder("root ::= r0\n");
        for (var i = 0; i < length; i++) text.AppendFormat(System.Globalization.CultureInfo.InvariantCulture, rule, i, i + 1).Append('\n');
        return text.Append(System.Globalization.CultureInfo.InvariantCulture, $"r{length} ::= \"a\" | \"b\"\n").ToString();
    }

    private static Constraint Gbnf(string grammar) => new() { Kind = ConstraintKind.Grammar, Source = grammar };
}
