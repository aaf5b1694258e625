namespace Splitwiser.Actors.Tests;

public sealed class CancellationTests(PatientCluster patient, ImpatientCluster impatient)
{
    private readonly IGrainFactory grains = patient.Cluster.Client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_that_is_cancelled_already_ends_the_call_before_it_begins()
    {
        await Should.ThrowAsync<OperationCanceledException>(async () => await grains.GetGrain<IProbeGrain>("too late").Hold("too late", new(canceled: true)));
        Signals.IsSet("too late in").ShouldBeFalse();
    }

    [Fact]
    public async Task A_cancelled_call_ends_for_its_caller_and_in_the_grain()
    {
        using var cancel = new CancellationTokenSource();
        var call = grains.GetGrain<IProbeGrain>("cancelled").Hold("cancelled", cancel.Token);
        await Signals.Wait("cancelled in", Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await Signals.Wait("cancelled cancelled", Token);
    }

    [Fact]
    public async Task Cancellation_goes_on_to_the_grains_that_the_grain_calls()
    {
        using var cancel = new CancellationTokenSource();
        var call = grains.GetGrain<IProbeGrain>("near").HoldThrough("far", "far", cancel.Token);
        await Signals.Wait("far in", Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await Signals.Wait("far cancelled", Token);
    }

    [Fact]
    public async Task A_caller_that_cancels_a_waiting_call_goes_on_at_once_and_so_does_the_grain()
    {
        var grain = grains.GetGrain<IProbeGrain>("queue");
        var first = grain.Hold("ahead", Token);
        await Signals.Wait("ahead in", Token);
        using var cancel = new CancellationTokenSource();
        var second = grain.Hold("never", cancel.Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => second);
        Signals.Set("ahead go");
        await first;
        await grain.Nothing(Token);     // whether the cancelled one still began is not promised
    }

    [Fact]
    public async Task A_call_without_an_answer_times_out_and_its_token_ends_the_grains_code()
    {
        await Should.ThrowAsync<TimeoutException>(() => impatient.Cluster.Client.GetGrain<IProbeGrain>("slow").Hold("slow", Token));
        await Signals.Wait("slow cancelled", Token);
    }

    [Fact]
    public async Task A_method_can_have_a_timeout_of_its_own()
    {
        await Should.ThrowAsync<TimeoutException>(() => grains.GetGrain<IProbeGrain>("hangs").Hang("hangs", Token));
        await Signals.Wait("hangs cancelled", Token);
    }

    [Fact]
    public async Task A_grain_goes_on_after_a_call_that_was_cancelled()
    {
        var grain = grains.GetGrain<IProbeGrain>("resumes");
        using var cancel = new CancellationTokenSource();
        var call = grain.Hold("resumes", cancel.Token);
        await Signals.Wait("resumes in", Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => call);
        (await grain.Add(3, Token)).ShouldBe(3);
    }
}
