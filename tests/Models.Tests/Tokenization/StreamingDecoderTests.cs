using System.Text;
using FsCheck.Fluent;
using Splitwiser.Models.Tokenization;
using Splitwiser.Tests;

namespace Splitwiser.Models.Tests.Tokenization;

public sealed class StreamingDecoderTests
{
    private static readonly Tokenizer demo = Tokenizer.Load(Path.Combine(Repository.DemoModel, "tokenizer.json"));

    public static TheoryData<string> Families => PublicFamily.Names;

    [Fact]
    public void A_stream_says_what_decoding_at_once_says() => HoldsFor(demo);

    [Theory]
    [MemberData(nameof(Families))]
    public void A_stream_of_a_public_family_says_what_decoding_at_once_says(string family) => HoldsFor(PublicFamily.Tokenizer(family));

    [Fact]
    public void Decoding_bytes_is_reading_them_as_one_text() => Property.Holds(Ids(demo).ToArbitrary(), ids =>
        demo.Decode(ids, skipSpecialTokens: false).ShouldBe(Encoding.UTF8.GetString([.. ids.SelectMany(demo.TokenBytes)])));

    [Fact]
    public void A_character_comes_out_with_its_last_byte()
    {
        var stream = new StreamingDecoder(demo);
        demo.Encode("🙂", addSpecialTokens: false).Select(stream.Append).ShouldBe(["", "", "", "🙂"]);
        stream.Flush().ShouldBe("");
    }

    [Fact]
    public void Bytes_that_never_become_a_character_come_out_at_the_end()
    {
        var ids = demo.Encode("🙂", addSpecialTokens: false);
        var stream = new StreamingDecoder(demo);
        stream.Append(ids.AsSpan(0, 3)).ShouldBe("");
        stream.Flush().ShouldBe("\uFFFD");
        stream.Append(ids).ShouldBe("🙂", "a new stream begins behind the end");
    }

    [Fact]
    public void The_work_for_a_token_does_not_grow_with_the_stream()
    {
        var ids = demo.Encode(string.Concat(Enumerable.Repeat("In the beginning 🙂 ", 2_000)), addSpecialTokens: false);
        var stream = new StreamingDecoder(demo);
        stream.Append(ids);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var id in ids.AsSpan(0, 1_000))
            stream.Append(id);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000 * 200); // a short text and its bytes each
    }

    private static void HoldsFor(Tokenizer tokenizer) => Property.Holds(Ids(tokenizer).ToArbitrary(), ids =>
    {
        foreach (var skip in (bool[])[true, false])
        {
            var stream = new StreamingDecoder(tokenizer, skip);
            var text = string.Concat(ids.Select(stream.Append)) + stream.Flush();
            text.ShouldBe(tokenizer.Decode(ids, skip));
        }
    });

    // Ids of any token, of none, and often of lone bytes, so that broken UTF-8 comes up.
    private static FsCheck.Gen<int[]> Ids(Tokenizer tokenizer)
    {
        int[] bytes = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(id => tokenizer.TokenBytes(id) is [>= 0x80])];
        return Gen.OneOf(Gen.Choose(-1, tokenizer.VocabularySize), Gen.Elements(bytes), Gen.Elements(bytes), Gen.Choose(0, 300)).ArrayOf();
    }
}
