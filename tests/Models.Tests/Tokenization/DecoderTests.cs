using System.Text;

namespace Splitwiser.Models.Tests.Tokenization;

public sealed class DecoderTests
{
    private const string Llama = """
        {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},
        {"type":"Strip","content":" ","start":1,"stop":0}]}
        """;

    [Theory]
    [InlineData("null", "a|b", "a b")]
    [InlineData("""{"type":"ByteLevel"}""", "ĠÃ|©|Ġb", " é b")]
    [InlineData("""{"type":"ByteLevel"}""", "Ã|b", "\uFFFDb")]
    [InlineData("""{"type":"ByteLevel"}""", "<｜x｜>|Ã|©", "<｜x｜>é")]        // not in the byte alphabet: as it is
    [InlineData(Llama, "▁a|▁b|<0xC3>|<0xA9>", "a bé")]
    [InlineData(Llama, "a|<0xC3>|<0xA9>|<0xFF>|b", "a\uFFFD\uFFFD\uFFFDb")]    // a run of bytes counts as a whole
    [InlineData(Llama, "▁▁a", " a")]
    [InlineData("""{"type":"Fuse"}""", "a|b", "ab")]
    [InlineData("""{"type":"Strip","content":"_","start":2,"stop":1}""", "___a__|_b", "_a_b")]
    [InlineData("""{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Strip","content":"_","start":1,"stop":2}]}""", "_a_|_|_", "a_")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"[ab]+"},"content":"-"}""", "ab|a|cb", "--c-")]
    [InlineData("""{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Replace","pattern":{"String":"abc"},"content":"-"}]}""", "a|b|ab|c|ab", "ab-ab")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""", "▁a|▁b", "a b")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}""", "▁a|▁b", " a b")]
    [InlineData("""{"type":"BPEDecoder","suffix":"</w>"}""", "a|b</w>|c</w>", "ab c")]
    public void Tokens_become_text_as_the_decoder_says(string decoder, string tokens, string expected)
    {
        var parts = tokens.Split('|');
        var tokenizer = new SmallTokenizer { Decoder = decoder, Vocabulary = SmallTokenizer.Numbered([.. parts.Distinct()]) }.Load();
        tokenizer.Decode([.. parts.Select(part => tokenizer.TryGetId(part, out var id) ? id : -1)]).ShouldBe(expected);
    }

    [Theory]
    [InlineData("null", "é", "é")]
    [InlineData("""{"type":"ByteLevel"}""", "Ġa", " a")]
    [InlineData(Llama, "▁a", " a")]
    [InlineData("""{"type":"Metaspace","replacement":"▁"}""", "▁a", " a")]
    public void A_token_stands_for_bytes_wherever_it_is(string decoder, string token, string bytes) =>
        new SmallTokenizer { Decoder = decoder, Vocabulary = SmallTokenizer.Numbered(token) }.Load().TokenBytes(0).ShouldBe(Encoding.UTF8.GetBytes(bytes));

    [Fact]
    public void A_byte_token_stands_for_its_byte()
    {
        new SmallTokenizer { Decoder = Llama, Vocabulary = SmallTokenizer.Numbered("<0xC3>") }.Load().TokenBytes(0).ShouldBe([0xC3]);
        new SmallTokenizer { Decoder = """{"type":"ByteLevel"}""", Vocabulary = SmallTokenizer.Numbered("Ã") }.Load().TokenBytes(0).ShouldBe([0xC3]);
    }
}
