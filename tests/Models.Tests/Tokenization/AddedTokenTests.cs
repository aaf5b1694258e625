namespace Splitwiser.Models.Tests.Tokenization;

public sealed class AddedTokenTests
{
    private static readonly SmallTokenizer letters = new() { Vocabulary = SmallTokenizer.Numbered("a", "b", "A", " ", "<s>") };

    [Fact]
    public void A_token_of_the_vocabulary_keeps_its_id_and_a_new_one_gets_the_next()
    {
        var tokenizer = With(Token("<s>", 4), Token("<new>", 5), Token("<more>", 6)).Load();
        tokenizer.Encode("a<more><s>b<new>").ShouldBe([0, 6, 4, 1, 5]);
        tokenizer.VocabularySize.ShouldBe(7);
    }

    [Fact]
    public void Of_several_that_begin_together_the_longest_counts() => With(Token("<a", 5), Token("<a>", 6), Token("<", 7)).Tokens("<a><a<b").ShouldBe(["<a>", "<a", "<", "b"]);

    [Theory]
    [InlineData("\"lstrip\":true", "a  <t>  b", "a|<t>| | |b")]
    [InlineData("\"rstrip\":true", "a  <t>  b", "a| | |<t>|b")]
    [InlineData("\"lstrip\":true,\"rstrip\":true", " <t> <t> ", "<t>|<t>")]
    [InlineData("\"single_word\":true", "a<t> <t> <t>b", "a| |<t>| |b")]
    public void White_space_and_words_around_it_count_as_its_flags_say(string flags, string text, string tokens) =>
        With(Token("<t>", 5, flags)).Tokens(text).ShouldBe(tokens.Split('|'));

    [Fact]
    public void A_normalized_token_is_found_in_normalized_text_only()
    {
        var lower = letters with { Normalizer = """{"type":"Lowercase"}""" };
        (lower with { AddedTokens = $"[{Token("AB", 5, "\"normalized\":true")}]" }).Tokens("aBab").ShouldBe(["AB", "AB"]);
        (lower with { AddedTokens = $"[{Token("AB", 5)}]" }).Tokens("aBAB").ShouldBe(["a", "b", "AB"]);
    }

    [Fact]
    public void Only_special_tokens_are_left_out_of_decoded_text()
    {
        var tokenizer = With(Token("<s>", 4, "\"special\":true"), Token("<x>", 5)).Load();
        tokenizer.Decode([4, 0, 5]).ShouldBe("a <x>");
        tokenizer.Decode([4, 0, 5], skipSpecialTokens: false).ShouldBe("<s> a <x>");
        tokenizer.IsSpecial(4).ShouldBeTrue();
        tokenizer.IsSpecial(5).ShouldBeFalse();
    }

    [Fact]
    public void Ids_that_stand_for_nothing_are_skipped() => With().Load().Decode([0, 99, -1, int.MaxValue, 1]).ShouldBe("a b");

    private static SmallTokenizer With(params string[] tokens) => letters with { AddedTokens = $"[{string.Join(',', tokens)}]" };

    private static string Token(string content, int id, string flags = "")
    {
        var all = new[] { "single_word", "lstrip", "rstrip", "normalized", "special" }.Where(flag => !flags.Contains(flag)).Select(flag => $"\"{flag}\":false");
        return $$"""{"id":{{id}},"content":"{{content}}",{{string.Join(',', all.Append(flags).Where(part => part.Length > 0))}}}""";
    }
}
