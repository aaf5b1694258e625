using System.Text.Json;
using Splitwiser.Models.Tokenization;
using Splitwiser.Models.Tokenization.PreTokenizers;

namespace Splitwiser.Models.Tests.Tokenization;

public sealed class PreTokenizerTests
{
    [Theory]
    [InlineData("Removed", "a|b|c")]
    [InlineData("Isolated", "a|-|b|-|-|c")]
    [InlineData("MergedWithPrevious", "a-|b-|-|c")]
    [InlineData("MergedWithNext", "a|-b|-|-c")]
    [InlineData("Contiguous", "a|-|b|--|c")]
    public void A_split_treats_its_matches_as_its_behaviour_says(string behavior, string expected) =>
        Pieces($$"""{"type":"Split","pattern":{"String":"-"},"behavior":"{{behavior}}","invert":false}""", "a-b--c").ShouldBe(expected.Split('|'));

    [Theory]
    [InlineData("""{"type":"Split","pattern":{"Regex":"[a-z]"},"behavior":"Removed","invert":true}""", "a1b22c", "a|b|c")]
    [InlineData("""{"type":"Digits","individual_digits":true}""", "ab12③c", "ab|1|2|③|c")]
    [InlineData("""{"type":"Digits","individual_digits":false}""", "ab12c", "ab|12|c")]
    [InlineData("""{"type":"Punctuation","behavior":"Isolated"}""", "a,$b。c", "a|,|$|b|。|c")]
    [InlineData("""{"type":"Whitespace"}""", "ab, c_d!? e", "ab|,|c_d|!?|e")]
    [InlineData("""{"type":"WhitespaceSplit"}""", " ab,  c\u00A0d ", "ab,|c|d")]
    [InlineData("""{"type":"BertPreTokenizer"}""", "ab, c", "ab|,|c")]
    [InlineData("""{"type":"CharDelimiterSplit","delimiter":"|"}""", "ab|c||d", "ab/c/d")]
    [InlineData("""{"type":"FixedLength","length":2}""", "abc🙂d", "ab|c🙂|d")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""", "a b  c", "▁a|▁b|▁|▁c")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}""", "a b", "a|▁b")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false}""", "a b", "▁a▁b")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","add_prefix_space":false}""", "a b", "a|▁b")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true}""", "I've 12  é!", "I|'ve|Ġ12|Ġ|ĠÃ©|!")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":false}""", "a b", "ĠaĠb")]
    [InlineData("""{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Digits","individual_digits":true}]}""", "a1 b", "a|1|b")]
    public void Text_is_cut_as_the_pre_tokenizer_says(string preTokenizer, string text, string expected) =>
        Pieces(preTokenizer, text).ShouldBe(expected.Split(expected.Contains('/') ? '/' : '|'));

    [Fact]
    public void With_the_scheme_first_only_the_text_s_own_start_gets_a_blank()
    {
        var tokenizer = new SmallTokenizer
        {
            PreTokenizer = """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}""",
            AddedTokens = """[{"id":3,"content":"<s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}]""",
            Vocabulary = SmallTokenizer.Numbered("▁", "a", "?"),
        };
        tokenizer.Tokens("a<s>a").ShouldBe(["▁", "a", "<s>", "a"]);
        tokenizer.Tokens("<s>a").ShouldBe(["<s>", "a"]);
    }

    private static string[] Pieces(string preTokenizer, string text)
    {
        var pieces = new List<Piece>();
        PreTokenizer.Read(new JsonPart("test", JsonElement.Parse(preTokenizer)))!.Split(new Piece(text.AsMemory(), First: true), pieces);
        return [.. pieces.Select(piece => piece.Text.ToString()).Where(piece => piece.Length > 0)];
    }
}
