using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Splitwiser.Tests;
using Property = Splitwiser.Tests.Property;

namespace Splitwiser.Grains.Tests;

public sealed class AnswerTests
{
    private const string Verse = "And God saw the light, that it was good: and God divided the light from the darkness.";

    private readonly ManualTime time = new();

    [Fact]
    public void A_stop_string_cuts_ids_logprobs_and_usage_at_the_token_that_completes_it()
    {
        var answer = Of(Plans.Of(new() { Strings = ["was good"] }));
        var ids = Plans.Ids(Verse);
        var completes = Enumerable.Range(1, ids.Length).First(count => Plans.Text(ids[..count]).Contains("was good", StringComparison.Ordinal));
        var chunk = answer.Take(new(0, [.. ids], [.. ids.Select(id => new PositionLogprobs(new(id, -1), []))], new(FinishReason.Length, null)));
        chunk.Ids.ShouldBe(ids[..completes]);
        chunk.Logprobs.Select(logprobs => logprobs.Sampled.TokenId).ShouldBe(ids[..completes]);
        chunk.Text.ShouldBe(Verse[..Verse.IndexOf("was good", StringComparison.Ordinal)]);
        chunk.End.ShouldNotBeNull();
        chunk.End.Usage.Completion.ShouldBe(completes);
        (chunk.End.Reason, chunk.End.StopString, chunk.End.StopTokenId).ShouldBe((FinishReason.Stop, "was good", null));
        answer.Ended.ShouldBeTrue();
    }

    [Theory]
    [InlineData(false, "And God")]
    [InlineData(true, "And God saw")]
    public void An_end_token_is_an_id_and_text_only_when_asked_for(bool include, string expected)
    {
        var ids = Plans.Ids("And God saw");
        var answer = Of(Plans.Of(new() { TokenIds = [ids[^1]], IncludeStopString = include }));
        var chunk = answer.Take(new(0, [.. ids], [], new(FinishReason.Stop, ids[^1])));
        chunk.Ids.ShouldBe(ids);
        chunk.Text.ShouldBe(expected);
        chunk.End!.StopTokenId.ShouldBe(ids[^1]);
    }

    [Fact]
    public void An_answer_is_over_with_its_last_token_though_its_device_has_not_said_so_yet()
    {
        var ids = Plans.Ids("And God saw");
        var chunk = Of(Plans.Of(new() { TokenIds = [ids[^1]] })).Take(new(0, [.. ids], [], null));
        (chunk.Text, chunk.End!.Reason, chunk.End.StopTokenId).ShouldBe(("And God", FinishReason.Stop, ids[^1]));
        chunk = Of(Plans.Of(new() { MaxTokens = ids.Length })).Take(new(0, [.. ids], [], null));
        (chunk.Text, chunk.End!.Reason, chunk.End.StopTokenId).ShouldBe(("And God saw", FinishReason.Length, null));
    }

    [Fact]
    public void A_device_may_end_an_answer_before_max_tokens()
    {
        var chunk = Of(Plans.Of()).Take(new(0, [8, 9], [], new(FinishReason.Length, null)));
        chunk.End!.Reason.ShouldBe(FinishReason.Length);
        chunk.End.Usage.Completion.ShouldBe(2);
    }

    [Fact]
    public void The_first_chunk_says_how_it_started_and_the_last_how_it_ended()
    {
        var answer = Of(Plans.Of());
        answer.StartsOn("a/0", new(default, 3, 2, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10)));
        time.Advance(TimeSpan.FromSeconds(4));
        var first = answer.Take(new(0, [8], [], null));
        first.Start!.Device.ShouldBe("a/0");
        first.Start.CachedTokens.ShouldBe(2);
        first.End.ShouldBeNull();
        answer.StartsOn("b/0", new(default, 4, 0, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10))); // it was lost, and goes on there
        time.Advance(TimeSpan.FromSeconds(4));
        var last = answer.Take(new(1, [9], [], new(FinishReason.Length, null)));
        last.Start.ShouldBeNull();
        last.End!.Usage.ShouldBe(new TokenUsage(3, 2, 2));
        last.End.Timings.ShouldBe(new RequestTimings(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8), 2));
    }

    [Fact]
    public void An_answer_that_was_delivered_whole_only_lacks_its_end()
    {
        var ids = Plans.Ids("And God");
        var answer = Of(Plans.Of(new() { MaxTokens = ids.Length }, null, ids));
        answer.Ended.ShouldBeTrue();
        var rest = answer.Rest();
        rest.FirstIndex.ShouldBe(ids.Length);
        rest.Ids.ShouldBeEmpty();
        rest.Start!.Device.ShouldBe("");
        rest.End!.Reason.ShouldBe(FinishReason.Length);
        rest.End.Usage.Completion.ShouldBe(ids.Length);
    }

    [Fact]
    public void Delivered_ids_that_go_on_behind_an_end_are_refused()
    {
        var ids = Plans.Ids(Verse);
        Should.Throw<RequestRefusedException>(() => Of(Plans.Of(new() { Strings = ["light"] }, null, ids))).Parameter.ShouldBe("delivered");
        Should.Throw<RequestRefusedException>(() => Of(Plans.Of(new() { TokenIds = [ids[1]] }, null, ids))).Parameter.ShouldBe("delivered");
    }

    [Fact]
    public void Wherever_it_is_broken_off_a_resumed_answer_says_exactly_the_rest()
    {
        var ids = Plans.Ids(Verse);
        var examples =
            from stop in Gen.Elements("darkness", "light", " the light, that it", "good: an", "nothing", "d")
            from include in Gen.Elements(true, false)
            from min in Gen.Choose(0, 12)
            from broken in Gen.Choose(0, ids.Length)
            select (stop, include, min, broken);
        Property.Holds(examples.ToArbitrary(), example =>
        {
            var options = new StopOptions { Strings = [example.stop], IncludeStopString = example.include, MinTokens = example.min, MaxTokens = ids.Length };
            var whole = Heard(Of(Plans.Of(options)), ids, 0);
            var held = Math.Min(example.broken, whole.Ids.Length);
            var before = Heard(Of(Plans.Of(options)), ids[..held], 0, ends: false);
            var answer = Of(Plans.Of(options, null, ids[..held]));
            var rest = answer.Ended ? (Ids: [], answer.Rest().Text) : Heard(answer, ids, held);
            before.Ids.AddRange(rest.Ids).ShouldBe(whole.Ids);
            (before.Text + rest.Text).ShouldBe(whole.Text);
        }, cases: 2000);
    }

    private static (ImmutableArray<int> Ids, string Text) Heard(Answer answer, int[] ids, int from, bool ends = true)
    {
        var (heard, text) = (ImmutableArray<int>.Empty, "");
        for (var i = from; i < ids.Length && !answer.Ended; i++)
        {
            var chunk = answer.Take(new(i, [ids[i]], [], ends && i == ids.Length - 1 ? new(FinishReason.Length, null) : null));
            (heard, text) = (heard.AddRange(chunk.Ids), text + chunk.Text);
        }

        return (heard, text);
    }

    private Answer Of(RequestPlan plan) => new(plan, Plans.Demo.Tokenizer, time, time.GetTimestamp());
}
