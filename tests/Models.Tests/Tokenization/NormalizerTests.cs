namespace Splitwiser.Models.Tests.Tokenization;

public sealed class NormalizerTests
{
    [Theory]
    [InlineData("""{"type":"NFC"}""", "e\u0301 \u1100\u1161\u11A8 \u212B \u0958", "\u00E9 \uAC01 \u00C5 \u0915\u093C")]
    [InlineData("""{"type":"NFD"}""", "\u00E9 \uAC01 \u1E69", "e\u0301 \u1100\u1161\u11A8 s\u0323\u0307")]
    [InlineData("""{"type":"NFKC"}""", "\uFB01 \u2460 \uFF21 e\u0301", "fi 1 A \u00E9")]
    [InlineData("""{"type":"NFKD"}""", "\uFB01 \u00E9", "fi e\u0301")]
    [InlineData("""{"type":"NFC"}""", "q\u0307\u0323", "q\u0323\u0307")] // the marks change places
    [InlineData("""{"type":"Lowercase"}""", "AbÇ \u0130\u03A3", "abç i\u0307\u03C3")]
    [InlineData("""{"type":"StripAccents"}""", "e\u0301a\u0308", "ea")]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":false}""", " \t a ", "a ")]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":true}""", " \u3000a\n", "a")]
    [InlineData("""{"type":"Nmt"}""", "a\u0001b\tc\u200Bd", "ab c d")]
    [InlineData("""{"type":"Prepend","prepend":"_"}""", "a", "_a")]
    [InlineData("""{"type":"Prepend","prepend":"_"}""", "", "")]
    [InlineData("""{"type":"Replace","pattern":{"String":"aa"},"content":"b"}""", "aaaaa", "bba")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"\\s+"},"content":"$1"}""", "a \n b", "a$1b")]
    [InlineData("""{"type":"ByteLevel"}""", "é ", "Ã©Ġ")]
    [InlineData("""{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}""", "a b", "▁a▁b")]
    [InlineData("""{"type":"Sequence","normalizers":[]}""", "a", "a")]
    public void Text_is_rewritten_as_the_normalizer_says(string normalizer, string text, string expected)
    {
        var characters = expected.EnumerateRunes().Select(rune => rune.ToString()).Distinct().ToArray();
        var tokens = new SmallTokenizer { Normalizer = normalizer, Vocabulary = SmallTokenizer.Numbered([.. characters, "?"]), ModelOptions = """ "unk_token":"?", """ }.Tokens(text);
        string.Concat(tokens).ShouldBe(expected);
    }
}
