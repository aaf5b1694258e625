namespace Splitwiser.Actors.Tests;

public sealed class TurnTests(PatientCluster patient, ImpatientCluster impatient)
{
    private readonly IGrainFactory grains = patient.Cluster.Client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_waits_for_the_call_before_it()
    {
        var grain = grains.GetGrain<IProbeGrain>("one at a time");
        var first = grain.Hold("first", Token);
        await Signals.Wait("first in", Token);
        var second = grain.Hold("second", Token);
        (await grains.GetGrain<IProbeGrain>("another").Incarnation(Token)).ShouldNotBe(default);
        Signals.IsSet("second in").ShouldBeFalse();
        Signals.Set("first go");
        Signals.Set("second go");
        (await first).ShouldBe("first");
        (await second).ShouldBe("second");
    }

    [Fact]
    public async Task Calls_of_one_caller_each_run_once_in_an_order_that_is_not_promised()
    {
        var grain = grains.GetGrain<IProbeGrain>("order");
        await grain.Nothing(Token);
        var letters = "abcdefghijklmnopqrstuvwxyz".Select(c => c.ToString()).ToList();
        var answers = await Task.WhenAll(letters.Select(letter => grain.Order(letter, Token)));
        answers.MaxBy(answer => answer.Length)!.Order().ShouldBe(string.Concat(letters));
    }

    [Fact]
    public async Task Nothing_is_lost_between_the_reads_and_writes_of_a_thousand_callers()
    {
        var grain = grains.GetGrain<IProbeGrain>("sum");
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(() => grain.Add(1, Token), Token)));
        (await grain.Peek(Token)).ShouldBe(1000);
    }

    [Fact]
    public async Task Calls_of_a_reentrant_grain_interleave_at_awaits()
    {
        var grain = grains.GetGrain<IReentrantProbeGrain>("reentrant");
        var first = grain.Hold("held", Token);
        await Signals.Wait("held in", Token);
        await grain.Add(1, Token);
        Signals.Set("held go");
        await first;
    }

    [Fact]
    public async Task A_reentrant_grain_has_one_turn_at_a_time_all_the_same()
    {
        var grain = grains.GetGrain<IReentrantProbeGrain>("reentrant turns");
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(() => grain.Add(1, Token), Token))); // throws when two turns meet
    }

    [Fact]
    public async Task A_method_that_always_interleaves_runs_beside_a_held_call()
    {
        var grain = grains.GetGrain<IProbeGrain>("peeked");
        await grain.Add(5, Token);
        var held = grain.Hold("peek held", Token);
        await Signals.Wait("peek held in", Token);
        (await grain.Peek(Token)).ShouldBe(5);
        Signals.Set("peek held go");
        await held;
    }

    [Fact]
    public async Task A_grain_that_waits_for_itself_through_another_waits_until_the_timeout() =>
        await Should.ThrowAsync<TimeoutException>(() => impatient.Cluster.Client.GetGrain<IProbeGrain>("circle").Roundabout("circle", Token));
}
