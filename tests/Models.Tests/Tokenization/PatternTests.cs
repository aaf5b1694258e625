using System.Text.Json;
using Splitwiser.Models.Tokenization;
using Splitwiser.Models.Tokenization.Patterns;

namespace Splitwiser.Models.Tests.Tokenization;

public sealed class PatternTests
{
    [Theory]
    [InlineData(@"\p{L}+", "aé日𠀀1", "aé日𠀀")]                           // a letter beyond the basic plane is a letter
    [InlineData(@"[^\s\p{L}\p{N}]+", "a🙂!𝟙b", "🙂!")]                     // and so is a digit
    [InlineData(@"\p{N}{1,3}", "1234567", "123|456|7")]
    [InlineData(@"(?i:'s|'ll)", "'S'LL'ſ's", "'S|'LL|'ſ|'s")]              // the long s folds to s
    [InlineData(@"(?i)abc|D", "aBcd", "aBc|d")]
    [InlineData(@"[\p{Han}]+", "ab漢字𠀀かな", "漢字𠀀")]
    [InlineData(@"\p{Hiragana}|\p{Script_Extensions}", "", null)]
    [InlineData(@"[^\r\n\p{L}\p{N}]?+\p{L}++", " ab?cd", " ab|?cd")]
    [InlineData(@"a{1,2}+", "aaaaa", "aaaaa")]                             // {1,2} repeated, not possessive
    [InlineData(@"a{2}?", "aaa", "aa|")]                                   // two or none
    [InlineData(@"\s+(?!\S)|\s+", "a   b", "  | ")]
    [InlineData(@"(?<=a)b", "abcb", "b")]
    [InlineData(@"[[:alpha:]&&[^a]]+", "abcé1", "bcé")]
    [InlineData(@"[]a]+", "x]a]", "]a]")]
    [InlineData(@"[a-]+", "-a-b", "-a-")]
    [InlineData(@"\p{^L}", "a1", "1")]
    [InlineData(@"\P{L}", "a1", "1")]
    [InlineData(@"^b$", "a\nb\nc", "b")]                                   // lines, always
    [InlineData(@"a.b", "a\nb a𝟙b", "a𝟙b")]
    [InlineData(@"(?m:a.b)", "a\nb", "a\nb")]
    [InlineData(@"\h+", "xCAFEx", "CAFE")]
    [InlineData(@"\x{1F600}|\u00e9", "😀é", "😀|é")]
    [InlineData(@"\bb\b", "ab b bc", "b")]
    [InlineData("(?x: a b # a comment\n )", "ab", "ab")]
    [InlineData(@"(?>a+)b|c", "aabc", "aab|c")]
    [InlineData(@"a{,2}b", "aab", "aab")]
    [InlineData(@"{x}", "{x}", "{x}")]
    public void An_expression_matches_what_it_matches_in_the_reference(string pattern, string text, string? matches)
    {
        if (matches is null)
        {
            Should.Throw<ModelFormatException>(() => Read(pattern)).Subject.ShouldBe("$.Regex");
            return;
        }

        var found = Read(pattern).Cut(text).Where(stretch => stretch.Matches).Select(stretch => text[stretch.Start..stretch.End]).ToArray();
        found.ShouldBe(matches.Split('|'));
        var plain = Read(pattern).Cut(text + "🙂").Where(stretch => stretch.Matches && stretch.End <= text.Length).Select(stretch => text[stretch.Start..stretch.End]);
        if (!pattern.Contains('$') && !pattern.Contains("(?!") && !pattern.Contains('^') && !pattern.Contains("]?+"))
            plain.ShouldBe(found, "with surrogate pairs in the text");
    }

    [Theory]
    [InlineData("(")]
    [InlineData(")")]
    [InlineData("[a")]
    [InlineData("[b-a]")]
    [InlineData("*a")]
    [InlineData(@"\p{Nonsense}")]
    [InlineData(@"\p")]
    [InlineData(@"\1")]
    [InlineData(@"\k<a>")]
    [InlineData(@"a\")]
    [InlineData(@"\x{110000}")]
    [InlineData("a{3,2}")]
    [InlineData("a{1,1000000}")]
    [InlineData("(?~a)")]
    [InlineData("[[:nonsense:]]")]
    public void What_is_malformed_or_not_served_is_refused(string pattern) => Should.Throw<ModelFormatException>(() => Read(pattern)).Expected.ShouldBe("a regular expression that is served");

    [Fact]
    public void Groups_nested_too_deep_are_refused() =>
        Should.Throw<ModelFormatException>(() => Read(new string('(', 100_000) + new string(')', 100_000)));

    [Fact]
    public void Sets_are_complete_and_disjoint_from_their_complements()
    {
        foreach (var name in (string[])["L", "M", "N", "P", "S", "Z", "C", "Han", "Alphabetic", "word"])
        {
            CharacterSets.TryGet(name, out var set).ShouldBeTrue();
            (set! & ~set!).IsEmpty.ShouldBeTrue();
            (set! | ~set!).Ranges.ShouldBe([(0, 0x10FFFF)]);
        }
    }

    private static TextPattern Read(string pattern) =>
        TextPattern.Read(new JsonPart("test", JsonElement.Parse(JsonSerializer.Serialize(new Dictionary<string, string> { ["Regex"] = pattern }))));
}
