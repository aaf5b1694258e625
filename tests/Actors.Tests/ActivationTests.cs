namespace Splitwiser.Actors.Tests;

public sealed class ActivationTests(PatientCluster patient, ImpatientCluster impatient)
{
    private readonly IGrainFactory grains = patient.Cluster.Client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_grain_that_leaves_is_made_anew_by_the_next_call()
    {
        var grain = grains.GetGrain<IProbeGrain>("leaves");
        var first = await grain.Incarnation(Token);
        await grain.Leave(Token);
        await Signals.Wait($"leaves deactivated {DeactivationReasonCode.ApplicationRequested}", Token);
        (await grain.Incarnation(Token)).ShouldNotBe(first);
    }

    [Fact]
    public async Task A_grain_that_leaves_finishes_its_call_and_later_calls_go_to_a_new_activation()
    {
        var grain = grains.GetGrain<IProbeGrain>("leaves slowly");
        var last = grain.LeaveSlowly("leaves slowly", Token);
        await Signals.Wait("leaves slowly in", Token);
        var next = grain.Incarnation(Token);
        Signals.Set("leaves slowly go");
        (await next).ShouldNotBe(await last);
    }

    [Fact]
    public async Task A_grain_that_nobody_calls_is_deactivated()
    {
        await impatient.Cluster.Client.GetGrain<IProbeGrain>("forgotten").Nothing(Token);
        await Signals.Wait($"forgotten deactivated {DeactivationReasonCode.ActivationIdle}", Token);
    }

    [Fact]
    public async Task A_class_can_have_a_collection_age_of_its_own()
    {
        await impatient.Cluster.Client.GetGrain<IShortLivedGrain>("short").Call(Token);
        var called = TimeProvider.System.GetTimestamp();
        await Signals.Wait("short deactivated", Token);
        TimeProvider.System.GetElapsedTime(called).ShouldBeInRange(TimeSpan.FromSeconds(1.5), Clusters.ShortTimeout * 3);
    }

    [Fact]
    public async Task No_call_is_lost_while_grains_come_and_go()
    {
        var grain = grains.GetGrain<IProbeGrain>("restless");
        await Parallel.ForEachAsync(Enumerable.Range(0, 500), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Token }, async (number, token) =>
        {
            if (number % 25 == 0) await grain.Leave(token);
            else await grain.Incarnation(token);
        });
    }
}
