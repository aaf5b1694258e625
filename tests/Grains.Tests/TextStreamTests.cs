namespace Splitwiser.Grains.Tests;

public sealed class TextStreamTests
{
    private const string Verse = "And God said, Let there be light: and there was light.";

    [Fact]
    public void The_pieces_make_the_whole_text()
    {
        var text = new TextStream(Plans.Demo.Tokenizer, Plans.Of());
        string.Concat(Plans.Ids(Verse).Select(text.Append)).ShouldBe(Verse);
        text.End().ShouldBe("");
    }

    [Fact]
    public void A_character_comes_whole_or_not_at_all()
    {
        var text = new TextStream(Plans.Demo.Tokenizer, Plans.Of());
        var ids = Plans.Ids("x€");
        ids.Length.ShouldBeGreaterThan(2, "the sign takes several tokens");
        ids.SkipLast(1).Select(text.Append).ShouldBe(["x", .. Enumerable.Repeat("", ids.Length - 2)]);
        text.End().ShouldContain('\uFFFD');
    }

    [Fact]
    public void A_stop_string_within_min_tokens_is_text()
    {
        var ids = Plans.Ids(Verse);
        var second = Verse.LastIndexOf("there", StringComparison.Ordinal);
        var early = Enumerable.Range(1, ids.Length).First(count => Plans.Text(ids[..count]).Contains("there", StringComparison.Ordinal));
        var text = new TextStream(Plans.Demo.Tokenizer, Plans.Of(new() { Strings = ["there"], MinTokens = early, MaxTokens = 100 }));
        string.Concat(ids.Select(text.Append)).ShouldBe(Verse[..second]);
        text.StopString.ShouldBe("there");
    }

    [Fact]
    public void Without_a_tokenizer_there_is_no_text()
    {
        var text = new TextStream(null, Plans.Of());
        text.Append(5).ShouldBe("");
        text.End().ShouldBe("");
    }
}
