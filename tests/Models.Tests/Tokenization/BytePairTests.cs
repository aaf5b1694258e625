namespace Splitwiser.Models.Tests.Tokenization;

public sealed class BytePairTests
{
    private static readonly SmallTokenizer letters = new()
    {
        Vocabulary = SmallTokenizer.Numbered("a", "b", "c", "ab", "bc", "abc", "aa", "aaaa"),
    };

    [Fact]
    public void The_lowest_rank_merges_first_and_of_equals_the_leftmost()
    {
        (letters with { Merges = """["b c","a b","a bc"]""" }).Tokens("abcab").ShouldBe(["abc", "ab"]);
        (letters with { Merges = """["a b","b c","a bc"]""" }).Tokens("abcab").ShouldBe(["ab", "c", "ab"]);
        (letters with { Merges = """["a a","aa aa"]""" }).Tokens("aaaaaaa").ShouldBe(["aaaa", "aa", "a"]);
    }

    [Fact]
    public void Merges_come_in_two_spellings()
    {
        (letters with { Merges = """[["a","b"],["ab","c"]]""" }).Tokens("abc").ShouldBe(["abc"]);
        (letters with { Merges = """["#version: 0.2","a b","ab c"]""" }).Tokens("abc").ShouldBe(["abc"]);
    }

    [Fact]
    public void With_ignore_merges_a_piece_that_is_a_token_stays_whole()
    {
        var plain = letters with { Merges = """["a b"]""", PreTokenizer = """{"type":"WhitespaceSplit"}""" };
        plain.Tokens("abc aaaa").ShouldBe(["ab", "c", "a", "a", "a", "a"]);
        (plain with { ModelOptions = """ "ignore_merges":true, """ }).Tokens("abc aaaa").ShouldBe(["abc", "aaaa"]);
    }

    [Fact]
    public void A_character_without_a_token_becomes_its_bytes()
    {
        var tokenizer = new SmallTokenizer
        {
            ModelOptions = """ "byte_fallback":true,"unk_token":"<unk>", """,
            Vocabulary = SmallTokenizer.Numbered("<unk>", "a", "<0xC3>", "<0xA9>", "<0xE2>"),
        };
        tokenizer.Tokens("aéa").ShouldBe(["a", "<0xC3>", "<0xA9>", "a"]);
        tokenizer.Tokens("a€a").ShouldBe(["a", "<unk>", "a"], "not all of its bytes have a token");
    }

    [Fact]
    public void Unknown_characters_are_left_out_or_named_or_fused()
    {
        var tokenizer = letters with { Vocabulary = SmallTokenizer.Numbered("a", "?") };
        tokenizer.Tokens("xaxx").ShouldBe(["a"]);
        tokenizer = tokenizer with { ModelOptions = """ "unk_token":"?", """ };
        tokenizer.Tokens("xaxx").ShouldBe(["?", "a", "?", "?"]);
        tokenizer = tokenizer with { ModelOptions = """ "unk_token":"?","fuse_unk":true, """ };
        tokenizer.Tokens("xaxx").ShouldBe(["?", "a", "?"]);
    }

    [Fact]
    public void Prefixes_mark_what_continues_a_word_and_suffixes_what_ends_it()
    {
        var continuing = new SmallTokenizer
        {
            ModelOptions = """ "continuing_subword_prefix":"##", """,
            Vocabulary = SmallTokenizer.Numbered("a", "##b", "##c", "ab", "abc"),
            Merges = """["a ##b","ab ##c"]""",
        };
        continuing.Tokens("abc").ShouldBe(["abc"]);
        var ending = new SmallTokenizer
        {
            ModelOptions = """ "end_of_word_suffix":"</w>", """,
            Vocabulary = SmallTokenizer.Numbered("a", "b", "b</w>", "ab</w>"),
            Merges = """["a b</w>"]""",
            PreTokenizer = """{"type":"WhitespaceSplit"}""",
        };
        ending.Tokens("ab abb").ShouldBe(["ab</w>", "a", "b", "b</w>"]);
    }

    [Fact]
    public void A_character_beyond_the_basic_plane_is_one_character()
    {
        (letters with { Vocabulary = SmallTokenizer.Numbered("🙂", "a", "a🙂"), Merges = """["a 🙂"]""" }).Tokens("🙂a🙂").ShouldBe(["🙂", "a🙂"]);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("ab")]
    [InlineData("abc")]
    public void A_megabyte_without_a_break_takes_seconds_at_most(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, (1 << 20) / unit.Length));
        var tokenizer = (letters with { Merges = """["a b","b c","a bc","ab c","a a","aa aa"]""" }).Load();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var ids = tokenizer.Encode(text);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10)); // about a third of a second; quadratic work would take hours
        string.Concat(ids.Select(tokenizer.TokenText)).ShouldBe(text);
    }

    [Fact]
    public void Encoding_ends_when_it_is_cancelled()
    {
        var tokenizer = (letters with { Merges = """["a b"]""" }).Load();
        Should.Throw<OperationCanceledException>(() => tokenizer.Encode("abc", cancellationToken: new(canceled: true)));
        tokenizer.Encode("abc").Length.ShouldBe(2);
    }
}
