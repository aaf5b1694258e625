using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FsCheck.Fluent;
using Splitwiser.Models.Grammar;
using Splitwiser.Models.Tests.Tokenization;
using Splitwiser.Models.Tokenization;
using Property = Splitwiser.Tests.Property;

namespace Splitwiser.Models.Tests.Grammar;

/// <summary>Masks, cursors and the constraints that other constraints are put together from.</summary>
public class GrammarTests
{
    public static TheoryData<string> Names => Vocabularies.Names;

    [Theory, MemberData(nameof(Names))]
    public void A_mask_allows_exactly_the_tokens_whose_bytes_fit(string vocabulary)
    {
        var (tokenizer, grammars) = Vocabularies.Open(vocabulary);
        var grammar = grammars.Of(Schema("""{"type":"object","properties":{"name":{"type":"string","maxLength":6},"n":{"type":"number","maximum":12}},"required":["name"]}"""));
        var random = new Random(2);
        var cursor = grammar.Open([]);
        for (var step = 0; step < 12; step++)
        {
            cursor.Prepare();
            var state = cursor.State;
            for (var id = 0; id < tokenizer.VocabularySize; id++)
            {
                var fits = !tokenizer.IsSpecial(id) && tokenizer.TokenBytes(id) is { Length: > 0 } text
                    && !ReferenceEquals(text.Aggregate(state, grammar.Automaton.Next), GrammarState.Dead);
                if (fits != Has(cursor, id)) fits.ShouldBe(Has(cursor, id), $"token {id} at step {step}");
            }
            var allowed = Enumerable.Range(0, tokenizer.VocabularySize).Where(id => Has(cursor, id)).ToArray();
            if (allowed.Length == 0) break;
            cursor.TryAccept(allowed[random.Next(allowed.Length)]).ShouldBeTrue();
        }
    }

    [Fact]
    public void End_tokens_fit_where_the_output_is_whole_and_nowhere_else()
    {
        var (tokenizer, grammars) = Vocabularies.Open("demo");
        var digit = tokenizer.Encode("7", addSpecialTokens: false)[0];
        var cursor = grammars.Of(Schema("""{"type":"integer"}""")).Open([0, digit]);     // an ordinary token that ends
        cursor.Prepare();
        Has(cursor, 0).ShouldBeFalse();
        Has(cursor, digit).ShouldBeFalse();
        cursor.TryAccept(0).ShouldBeFalse();
        cursor.TryAccept(tokenizer.Encode("4", addSpecialTokens: false)[0]).ShouldBeTrue();
        cursor.IsReady.ShouldBeFalse();
        cursor.Prepare();
        Has(cursor, 0).ShouldBeTrue();
        Has(cursor, digit).ShouldBeTrue();
        cursor.MayEnd.ShouldBeTrue();
        cursor.TryAccept(digit).ShouldBeTrue();
    }

    [Fact]
    public void A_state_that_was_seen_needs_no_preparing()
    {
        var (tokenizer, grammars) = Vocabularies.Open("demo");
        var grammar = grammars.Of(new Constraint { Kind = ConstraintKind.Pattern, Source = "(ab)+" });
        int[] ids = [.. tokenizer.Encode("a", addSpecialTokens: false), .. tokenizer.Encode("b", addSpecialTokens: false)];
        var first = grammar.Open([0]);
        first.Prepare();
        foreach (var id in ids)
        {
            first.TryAccept(id).ShouldBeTrue();
            first.Prepare();
        }
        var second = grammar.Open([0]);
        second.Prepare();
        foreach (var id in ids)
        {
            second.TryAccept(id).ShouldBeTrue();
            second.IsReady.ShouldBeTrue();
        }
    }

    [Fact]
    public void A_vocabulary_that_lacks_what_is_asked_for_says_so()
    {
        var tokenizer = new SmallTokenizer { Vocabulary = SmallTokenizer.Numbered("<unk>", "a", "b", "{") }.Load();
        var grammars = new Grammars(tokenizer, tokenizer.VocabularySize);
        var cursor = grammars.Of(new Constraint { Kind = ConstraintKind.JsonObject }).Open([0]);
        cursor.Prepare();
        cursor.IsStuck.ShouldBeFalse();
        cursor.TryAccept(3).ShouldBeTrue();
        cursor.Prepare();
        cursor.IsStuck.ShouldBeTrue();
    }

    [Fact]
    public void Formats_are_put_together()
    {
        var (tokenizer, grammars) = Vocabularies.Open("demo");
        var special = tokenizer.TokenText(0)!;
        tokenizer.IsSpecial(0).ShouldBeTrue();
        var call = Sequence(Text("<call>{\"name\": \"f\", \"arguments\": "), Schema("""{"type":"object","properties":{"x":{"type":"integer"}},"required":["x"]}"""), Text("}</call>"));
        var grammar = grammars.Of(Sequence(new Constraint { Kind = ConstraintKind.Token, Source = special }, new Constraint { Kind = ConstraintKind.Repeat, Parts = [call, Text("\n")], Least = 1, Most = 2 }));
        const string One = "<call>{\"name\": \"f\", \"arguments\": {\"x\":1}}</call>";
        Fits(One).ShouldBeTrue();
        Fits($"{One}\n{One}").ShouldBeTrue();
        Fits($"{One}\n{One}\n{One}").ShouldBeFalse();
        Fits(One[..^1]).ShouldBeFalse();
        grammar.Open([1]).TryAccept(tokenizer.Encode("<", addSpecialTokens: false)[0]).ShouldBeFalse("the mark comes first");

        bool Fits(string text)
        {
            var cursor = grammar.Open([1]);
            cursor.Prepare();
            Has(cursor, 0).ShouldBeTrue();
            return cursor.TryAccept(0) && tokenizer.Encode(text, addSpecialTokens: false).All(cursor.TryAccept) && cursor.TryAccept(1);
        }
    }

    [Theory]
    [InlineData("a(b|cd)*e?")]
    [InlineData("[^a-c]{2,4}x")]
    [InlineData("\\d{1,3}(\\.\\d+)?")]
    [InlineData("(?:a|b|ab)(c|bcd)(d*)")]
    [InlineData("\\w+\\s\\S*")]
    [InlineData("[\\]\\-a\\\\]+")]
    [InlineData("ä|[ö-ü]+|\\u00df")]
    [InlineData("(a?){3}a{3}")]
    [InlineData("")]
    public void A_pattern_matches_what_the_platforms_matches(string pattern)
    {
        var whole = PatternReader.ReadWhole(pattern).ToDfa(Spelling.Utf8);
        var search = PatternReader.ReadSearch(pattern).ToDfa(Spelling.Utf8);
        var regex = new Regex(pattern, RegexOptions.ECMAScript | RegexOptions.CultureInvariant);
        var exact = new Regex($"^(?:{pattern})(?!\n)$", RegexOptions.ECMAScript | RegexOptions.CultureInvariant);
        const string Letters = "abcdex01. \\]-äöüß";
        Property.Holds(Gen.Choose(0, Letters.Length - 1).ListOf().Select(letters => string.Concat(letters.Take(9).Select(i => Letters[i]))).ToArbitrary(), text =>
        {
            whole.IsMatch(Encoding.UTF8.GetBytes(text)).ShouldBe(exact.IsMatch(text), $"'{text}'");
            search.IsMatch(Encoding.UTF8.GetBytes(text)).ShouldBe(regex.IsMatch(text), $"'{text}' searched");
        }, 300);
    }

    [Fact]
    public void Numbers_are_within_their_bounds_exactly()
    {
        Property.Holds(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            decimal? least = random.Next(4) == 0 ? null : Draw(random), most = random.Next(4) == 0 ? null : Draw(random);
            var (leastOut, mostOut, integer) = (random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0);
            var range = Numbers.Between(least, leastOut, most, mostOut, integer);
            for (var i = 0; i < 40; i++)
            {
                var value = random.Next(3) switch { 0 => least ?? 0, 1 => most ?? 0, _ => Draw(random) };
                var text = value.ToString(CultureInfo.InvariantCulture);
                var within = (least is null || value > least || (value == least && !leastOut)) && (most is null || value < most || (value == most && !mostOut));
                var isWritten = !integer || !text.Contains('.', StringComparison.Ordinal);
                range.IsMatch(Encoding.ASCII.GetBytes(text)).ShouldBe(within && isWritten, $"{text} from {least} ({leastOut}) to {most} ({mostOut}), integer: {integer}");
            }
        }, 200);
    }

    private static decimal Draw(Random random) => Math.Round((decimal)(random.NextDouble() - 0.5) * (decimal)Math.Pow(10, random.Next(1, 7)), random.Next(4)) is var value && value == 0 ? 0 : value;

    private static Constraint Schema(string schema) => new() { Kind = ConstraintKind.JsonSchema, Source = schema };

    private static Constraint Text(string text) => new() { Kind = ConstraintKind.Text, Source = text };

    private static Constraint Sequence(params Constraint[] parts) => new() { Kind = ConstraintKind.Sequence, Parts = [.. parts] };

    private static bool Has(GrammarCursor cursor, int id) => (cursor.Allowed.Span[id >> 5] >> id & 1) != 0;
}
