using Orleans.Runtime;

namespace Splitwiser.Client.Tests;

public sealed class ResumeTests(ScriptedCluster cluster)
{
    // Whose grains all live: on a slow machine no deadline may end an attempt that the script does not.
    private static readonly ResumeOptions Quick = new() { MaxAttempts = 4, Silence = TimeSpan.FromMinutes(1), Delay = TimeSpan.FromMilliseconds(1) };

    private static readonly Dictionary<string, Func<Exception>> Losses = new()
    {
        ["silo"] = () => new SiloUnavailableException("gone"),
        ["gateway"] = () => new OrleansException("Unable to connect"),
        ["timeout"] = () => new TimeoutException("late"),
        ["cut"] = () => new EnumerationAbortedException("cut"),
        ["devices"] = () => new RequestLostException(LossReason.DevicesLost, "lost"),
    };

    public static TheoryData<string, int> LossesAfterTokens => new(from loss in Losses.Keys from tokens in new[] { 0, 2, 9, 20 } select (loss, tokens));

    [Fact]
    public async Task An_answer_without_losses_arrives_as_it_was_sent()
    {
        var script = new Script();
        var chunks = await Collect(script);
        IsWhole(chunks);
        script.Asked.Count.ShouldBe(1);
    }

    [Theory, MemberData(nameof(LossesAfterTokens))]
    public async Task A_lost_answer_goes_on_behind_what_was_delivered(string loss, int tokens)
    {
        var script = new Script(new Act(tokens, Losses[loss]));
        IsWhole(await Collect(script));
        var asked = script.Asked.ToArray();
        asked.Length.ShouldBe(2);
        asked[1].Delivered.ShouldBe(Script.Ids[..tokens]);
        asked[1].Sampling.Seed.ShouldNotBeNull().ShouldBe(asked[0].Sampling.Seed!.Value);
    }

    [Fact]
    public async Task Several_losses_in_a_row_still_make_one_answer()
    {
        var script = new Script(new Act(3, Losses["silo"]), new Act(0, Losses["devices"]), new Act(5, Losses["cut"]));
        IsWhole(await Collect(script));
        script.Asked.Select(request => request.Delivered.Length).ShouldBe([0, 3, 3, 8]);
    }

    [Fact]
    public async Task A_given_seed_is_kept()
    {
        var script = new Script(new Act(3, Losses["silo"]));
        IsWhole(await Collect(script, script.Request with { Sampling = new() { Seed = 42 } }));
        script.Asked.ShouldAllBe(request => request.Sampling.Seed == 42);
    }

    [Fact]
    public async Task A_stream_that_ends_without_an_end_is_lost_too()
    {
        var script = new Script(new Act(4));
        IsWhole(await Collect(script));
        script.Asked.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_gap_in_a_stream_is_never_handed_on()
    {
        var script = new Script(new Act(8, SkipsOne: true));
        IsWhole(await Collect(script));
        script.Asked.Last().Delivered.ShouldBe(Script.Ids[..2]);
    }

    [Fact]
    public async Task Silence_in_the_middle_of_an_answer_is_a_loss()
    {
        var script = new Script(new Act(6, Hangs: true));
        IsWhole(await Collect(script, options: Quick with { Silence = TimeSpan.FromMilliseconds(100), NextChunk = TimeSpan.FromSeconds(1) }));
        await script.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken); // the silent one was told
    }

    [Fact]
    public async Task A_silent_grain_that_does_not_know_of_the_request_is_lost_without_waiting_for_the_chunks_deadline()
    {
        var script = new Script(new Act(6, Hangs: true, Says: RequestState.Unknown));
        IsWhole(await Collect(script, options: new() { Silence = TimeSpan.FromMilliseconds(20), NextChunk = TimeSpan.FromHours(1) }));
        script.Asked.Count.ShouldBe(2);
    }

    [Theory, InlineData(0), InlineData(6)]
    public async Task An_answer_whose_chunk_was_lost_on_the_way_goes_on_behind_what_was_delivered(int tokens)
    {
        var script = new Script(new Act(tokens, Hangs: true, Says: RequestState.WaitsForReader));
        var hour = TimeSpan.FromHours(1);
        IsWhole(await Collect(script, options: new() { Silence = TimeSpan.FromMilliseconds(100), SignOfLife = hour, FirstChunk = hour, NextChunk = hour }));
        var asked = script.Asked.ToArray();
        asked.Length.ShouldBe(2);
        asked[1].Delivered.ShouldBe(Script.Ids[..tokens]);
    }

    [Fact]
    public async Task A_silent_grain_that_works_on_the_request_is_waited_for()
    {
        var script = new Script(new Act(6, Hangs: true));
        using var cancel = new CancellationTokenSource();
        var collecting = Collect(script, options: new() { Silence = TimeSpan.FromMilliseconds(5) }, ct: cancel.Token);
        await script.Hangs.Task;
        await Task.WhenAny(collecting, script.AskedOften.Task);
        collecting.IsCompleted.ShouldBeFalse();
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(collecting);
        script.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task After_the_last_attempt_the_answer_is_lost()
    {
        var script = new Script([.. Enumerable.Repeat(new Act(1, Losses["silo"]), 4)]);
        var lost = await Should.ThrowAsync<RequestLostException>(Collect(script));
        lost.Reason.ShouldBe(LossReason.DevicesLost);
        lost.Message.ShouldContain("4 tokens");
        script.Asked.Count.ShouldBe(4);
    }

    [Fact]
    public async Task An_answer_that_no_device_can_go_on_with_is_lost_after_two_grains_have_looked_for_one()
    {
        var script = new Script(new Act(1, Losses["silo"]), new Act(1, Losses["devices"]), new Act(0, () => new RequestRefusedException(RefusalReason.Unavailable, "none")));
        (await Should.ThrowAsync<RequestLostException>(Collect(script))).Reason.ShouldBe(LossReason.DevicesLost);
        script.Asked.Count.ShouldBe(3);
    }

    [Theory, InlineData(LossReason.Superseded), InlineData(LossReason.ConsumerIdle)]
    public async Task A_loss_that_is_no_devices_is_the_callers_to_hear(LossReason reason)
    {
        var script = new Script(new Act(2, () => new RequestLostException(reason, "no more")));
        (await Should.ThrowAsync<RequestLostException>(Collect(script))).Reason.ShouldBe(reason);
        script.Asked.Count.ShouldBe(1);
    }

    [Theory, InlineData(RefusalReason.InvalidRequest), InlineData(RefusalReason.QueueFull), InlineData(RefusalReason.Unavailable)]
    public async Task A_refusal_of_a_new_request_is_the_callers_to_hear(RefusalReason reason)
    {
        var script = new Script(new Act(0, () => new RequestRefusedException(reason, "no")));
        (await Should.ThrowAsync<RequestRefusedException>(Collect(script))).Reason.ShouldBe(reason);
        script.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_request_that_is_under_way_waits_for_room_elsewhere()
    {
        var script = new Script(new Act(6, Losses["silo"]), new Act(0, () => new RequestRefusedException(RefusalReason.QueueFull, "full")));
        IsWhole(await Collect(script));
        script.Asked.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Cancelling_reaches_the_grain()
    {
        var script = new Script(new Act(2, Hangs: true));
        using var cancel = new CancellationTokenSource();
        var collecting = Collect(script, ct: cancel.Token, options: new());
        await script.Hangs.Task;
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(collecting);
        await script.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        script.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Leaving_the_stream_reaches_the_grain()
    {
        var script = new Script(new Act(4, Hangs: true));
        await foreach (var chunk in new SplitwiserClient(cluster.Grains).GenerateAsync(script.Request, TestContext.Current.CancellationToken))
        {
            if (chunk.FirstIndex == 2)
                break;
        }

        await script.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_text_alone_is_the_chunks_texts()
    {
        var script = new Script(new Act(5, Losses["timeout"]));
        var text = "";
        await foreach (var piece in new SplitwiserClient(cluster.Grains, Quick).GenerateTextAsync(script.Request, TestContext.Current.CancellationToken))
            text += piece;
        text.ShouldBe(Script.TextOf(Script.Ids));
    }

    [Fact]
    public async Task Answers_outlive_the_silo_that_they_ran_on()
    {
        await using var own = new ScriptedCluster();
        await own.InitializeAsync();
        var script = new Script(new Act(6, Hangs: true));
        var collecting = Collect(script, options: new(), grains: own.Grains); // with the time that the cluster needs to see it
        var silo = await script.Hangs.Task;
        await own.Cluster.KillSiloAsync(own.Cluster.Silos.Single(handle => handle.SiloAddress.Equals(silo)));
        IsWhole(await collecting);
        script.Asked.Last().Delivered.ShouldBe(Script.Ids[..6]);
    }

    private static void IsWhole(IReadOnlyList<TokenChunk> chunks)
    {
        chunks.SelectMany(chunk => chunk.Ids).ShouldBe(Script.Ids);
        string.Concat(chunks.Select(chunk => chunk.Text)).ShouldBe(Script.TextOf(Script.Ids));
        chunks.Select(chunk => chunk.Start is not null).ShouldBe([true, .. Enumerable.Repeat(false, chunks.Count - 1)]);
        chunks.Select(chunk => chunk.End is not null).ShouldBe([.. Enumerable.Repeat(false, chunks.Count - 1), true]);
    }

    private async Task<List<TokenChunk>> Collect(
        Script script, GenerateRequest? request = null, ResumeOptions? options = null, IGrainFactory? grains = null, CancellationToken ct = default)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, TestContext.Current.CancellationToken);
        List<TokenChunk> chunks = [];
        await foreach (var chunk in new SplitwiserClient(grains ?? cluster.Grains, options ?? Quick).GenerateAsync(request ?? script.Request, both.Token))
            chunks.Add(chunk);
        return chunks;
    }
}
