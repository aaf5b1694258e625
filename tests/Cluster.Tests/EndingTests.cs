using Splitwiser.Grains;

namespace Splitwiser.Cluster.Tests;

/// <summary>However a request ends, its pages go back.</summary>
public sealed class EndingTests(DemoCluster demo) : IClassFixture<DemoCluster>
{
    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    /// <summary>Would run for longer than any test waits.</summary>
    private static GenerateRequest Long => new()
    {
        Text = Golden.All[0].Prompt,
        Sampling = new() { Temperature = 1, Seed = 7 },
        Stop = new() { IgnoreEos = true },
    };

    [Fact]
    public async Task A_cancelled_request_gives_back_every_page()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ends);
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var chunk in NewRequest().Generate(Long, cancel.Token)) await cancel.CancelAsync();
        });
        await demo.EveryPageIsBack();
    }

    [Fact]
    public async Task A_reader_that_leaves_gives_back_every_page()
    {
        await foreach (var chunk in NewRequest().Generate(Long, Ends)) break;
        await demo.EveryPageIsBack();
    }

    [Fact]
    public async Task A_prompt_cancelled_in_its_prefill_gives_back_every_page()
    {
        var prompt = Long with { TokenIds = [.. Enumerable.Range(0, 1900).Select(i => 1 + (i % 4000))], Text = null };
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ends);
        var first = NewRequest().Generate(prompt, cancel.Token).GetAsyncEnumerator(cancel.Token);
        var waiting = first.MoveNextAsync().AsTask();
        await Splitwiser.Tests.Eventually.Holds("the prompt has its pages", async () =>
        {
            foreach (var device in demo.Devices)
                if ((await demo.Client.GetGrain<IKvCacheGrain>(device).Accounts(Ends)).Leased > 0) return true;
            return waiting.IsCompleted;
        }, DemoCluster.NoHang, Ends);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        await first.DisposeAsync();
        await demo.EveryPageIsBack();
    }

    [Fact]
    public async Task A_request_says_that_it_lives_while_its_prompt_is_tokenized_and_can_be_cancelled_then()
    {
        var text = string.Concat(Enumerable.Repeat("\u7684\u4E00\u662F\u5728\u4E0D\u4E86", 200_000)); // one word of a million characters: seconds of work
        var request = NewRequest();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ends);
        var chunks = request.Generate(Long with { Text = text }, cancel.Token).GetAsyncEnumerator(cancel.Token);
        var first = chunks.MoveNextAsync().AsTask();
        await Splitwiser.Tests.Eventually.Holds("a question finds the request at work; it may overtake it on the way, but needn't wait for the tokenizer", async () => await request.State(Ends) == RequestState.AtWork, DemoCluster.NoHang, Ends);
        first.IsCompleted.ShouldBeFalse();
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        await chunks.DisposeAsync();
        await Splitwiser.Tests.Eventually.Holds("the request has ended", async () => await request.State(Ends) == RequestState.Unknown, DemoCluster.NoHang, Ends);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stop_string_cuts_text_ids_logprobs_and_usage_at_the_token_that_completes_it(bool include)
    {
        var golden = Golden.All[0];
        const string stop = "im king of"; // begins and ends within tokens
        var at = golden.Text.IndexOf(stop, StringComparison.Ordinal);
        at.ShouldBeGreaterThan(0);
        var heard = await DemoCluster.Hear(demo.Client, golden.Request with
        {
            Sampling = new() { Temperature = 0, TopLogprobs = 2 },
            Stop = new() { Strings = ["never said", stop], IncludeStopString = include },
        });
        heard.Text.ShouldBe(golden.Text[..(include ? at + stop.Length : at)]);
        heard.Ids.ShouldBe(golden.Ids[..heard.Ids.Length]);
        Decode(heard.Ids.AsSpan()).ShouldContain(stop);
        Decode(heard.Ids.AsSpan()[..^1]).ShouldNotContain(stop);
        heard.Logprobs.Length.ShouldBe(heard.Ids.Length);
        heard.End!.Reason.ShouldBe(FinishReason.Stop);
        heard.End.StopString.ShouldBe(stop);
        heard.End.Usage.Completion.ShouldBe(heard.Ids.Length);
        await demo.EveryPageIsBack();
    }

    [Fact]
    public async Task An_end_token_ends_the_ids_but_is_no_text()
    {
        var golden = Golden.All[0];
        var end = golden.Ids[5];
        var first = golden.Ids.IndexOf(end);
        var heard = await DemoCluster.Hear(demo.Client, golden.Request with { Stop = new() { TokenIds = [end] } });
        heard.Ids.ShouldBe(golden.Ids[..(first + 1)]);
        heard.Text.ShouldBe(Decode(golden.Ids.AsSpan()[..first]));
        heard.End!.StopTokenId.ShouldBe(end);
        heard.End.Reason.ShouldBe(FinishReason.Stop);
    }

    [Fact]
    public async Task Logprobs_come_for_every_token_most_likely_first()
    {
        var heard = await DemoCluster.Hear(demo.Client, Golden.All[2].Request with { Sampling = new() { Temperature = 0, TopLogprobs = 3 } });
        heard.Logprobs.Length.ShouldBe(heard.Ids.Length);
        foreach (var (id, logprobs) in heard.Ids.Zip(heard.Logprobs))
        {
            logprobs.Sampled.TokenId.ShouldBe(id);
            logprobs.Top.Length.ShouldBe(3);
            logprobs.Top[0].ShouldBe(logprobs.Sampled, "greedy takes the most likely");
            logprobs.Top.Select(top => top.Logprob).ShouldBe(logprobs.Top.Select(top => top.Logprob).OrderDescending());
        }
    }

    [Fact]
    public async Task A_refusal_is_typed_names_the_field_and_leases_nothing()
    {
        var refused = await Should.ThrowAsync<RequestRefusedException>(DemoCluster.Hear(demo.Client, Long with { Sampling = new() { TopP = 0 } }));
        refused.Reason.ShouldBe(RefusalReason.InvalidRequest);
        refused.Parameter.ShouldBe("top_p");
        await demo.EveryPageIsBack(0.5);
    }

    [Fact]
    public async Task A_second_call_takes_the_request_over_from_the_first()
    {
        var id = Guid.NewGuid();
        var alone = await DemoCluster.Hear(demo.Client, Long with { Stop = new() { IgnoreEos = true, MaxTokens = 60 } });
        var first = new Heard();
        await using var chunks = demo.Client.GetGrain<IRequestGrain>(id).Generate(Long with { Stop = new() { IgnoreEos = true, MaxTokens = 1500 } }, Ends).GetAsyncEnumerator(Ends);
        (await chunks.MoveNextAsync()).ShouldBeTrue();
        first.Add(chunks.Current);

        var held = alone.Ids[..10];
        var second = new Heard(held.Length);
        await foreach (var chunk in demo.Client.GetGrain<IRequestGrain>(id).Generate(Long with { Stop = new() { IgnoreEos = true, MaxTokens = 60 }, Delivered = held }, Ends))
            second.Add(chunk);
        second.Ids.ShouldBe(alone.Ids[10..]);

        var lost = await Should.ThrowAsync<RequestLostException>(async () =>
        {
            while (await chunks.MoveNextAsync()) first.Add(chunks.Current);
        });
        lost.Reason.ShouldBe(LossReason.Superseded);
        await demo.EveryPageIsBack();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(48)]
    public async Task A_caller_goes_on_from_the_ids_it_holds_and_nothing_is_said_twice(int held)
    {
        var request = Long with { Stop = new() { MaxTokens = 48, IgnoreEos = true } };
        var whole = await DemoCluster.Hear(demo.Client, request);
        var rest = await DemoCluster.Hear(demo.Client, request with { Delivered = whole.Ids[..held] });
        rest.Ids.ShouldBe(whole.Ids[held..]);
        (Decode(whole.Ids.AsSpan()[..held]) + rest.Text).ShouldBe(whole.Text);
        rest.End!.Usage.Completion.ShouldBe(48);
        rest.End.Reason.ShouldBe(FinishReason.Length);
    }

    private static string Decode(ReadOnlySpan<int> ids) => DemoSilo.Model.Tokenizer!.Decode(ids);

    private IRequestGrain NewRequest() => demo.Client.GetGrain<IRequestGrain>(Guid.NewGuid());
}
