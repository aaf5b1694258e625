using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Splitwiser.Actors.Tests;

/// <summary>Each test has a cluster of its own, as it takes silos away.</summary>
public sealed class FailureTests : IAsyncLifetime
{
    private readonly TestCluster cluster = Clusters.Impatient();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SiloHandle Second => cluster.Silos[1];

    public async ValueTask InitializeAsync() => await cluster.DeployAsync();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task A_grain_that_waits_for_a_killed_silo_learns_it()
    {
        var call = cluster.Client.GetGrain<IPinnedGrain>("Primary/0").HoldAt("Secondary_1/0", "killed call", Token);
        await Signals.Wait("killed call in", Token);
        await cluster.KillSiloAsync(Second);
        (await call).ShouldBe(nameof(SiloUnavailableException));
    }

    [Fact]
    public async Task A_client_that_waits_for_a_killed_silo_learns_it_within_its_timeout()
    {
        var call = cluster.Client.GetGrain<IPinnedGrain>("Secondary_1/1").Hold("killed client call", Token);
        await Signals.Wait("killed client call in", Token);
        await cluster.KillSiloAsync(Second);
        await Lost.By(() => call.WaitAsync(Clusters.ShortTimeout * 4, Token));
    }

    [Fact]
    public async Task A_grain_that_reads_a_stream_of_a_killed_silo_learns_it()
    {
        var call = cluster.Client.GetGrain<IPinnedGrain>("Primary/2").ReadAt("Secondary_1/2", "killed stream", Token);
        await Signals.Wait("killed stream read 0", Token);
        await cluster.KillSiloAsync(Second);
        (await call).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_client_that_reads_a_stream_of_a_killed_silo_learns_it_within_its_timeout()
    {
        await using var items = cluster.Client.GetGrain<IPinnedGrain>("Secondary_1/3").Signalled("killed client stream", Token).GetAsyncEnumerator(Token);
        (await items.MoveNextAsync()).ShouldBeTrue();
        var next = items.MoveNextAsync().AsTask();
        await cluster.KillSiloAsync(Second);
        await Lost.By(() => next.WaitAsync(Clusters.ShortTimeout * 6, Token));
    }

    [Fact]
    public async Task A_pinned_grain_of_a_killed_silo_gets_the_directors_error()
    {
        var grain = cluster.Client.GetGrain<IPinnedGrain>("Secondary_1/4");
        (await grain.Silo(Token)).ShouldBe("Secondary_1");
        await cluster.KillSiloAsync(Second);
        await Eventually.Is(async () => await Lost.By(() => grain.Silo(Token)) is NoSuchSiloException { Name: "Secondary_1" });
    }

    [Fact]
    public async Task A_grain_of_a_killed_silo_comes_back_elsewhere()
    {
        var grain = await GrainOn("Secondary_1");
        await cluster.KillSiloAsync(Second);
        (await Eventually.Answers(() => grain.Silo(Token))).ShouldBe("Primary");
    }

    [Fact]
    public async Task A_killed_silo_is_declared_dead()
    {
        var membership = cluster.GetSiloServiceProvider(cluster.Silos[0].SiloAddress).GetRequiredService<IClusterMembershipService>();
        var killed = Second.SiloAddress;
        await cluster.KillSiloAsync(Second);
        await Eventually.Is(() => Task.FromResult(!membership.CurrentSnapshot.Members.TryGetValue(killed, out var member) || member.Status == SiloStatus.Dead));
    }

    [Fact]
    public async Task A_silo_that_is_restarted_has_its_old_name_and_its_pinned_grains_again()
    {
        var second = Second;
        (await cluster.Client.GetGrain<IPinnedGrain>("Secondary_1/5").Silo(Token)).ShouldBe("Secondary_1");
        await cluster.KillSiloAsync(second);
        await using var restarted = await cluster.StartSiloAsync(second.InstanceNumber, cluster.Options);
        restarted.Name.ShouldBe("Secondary_1");
        restarted.SiloAddress.ShouldNotBe(second.SiloAddress);
        (await Eventually.Answers(() => cluster.Client.GetGrain<IPinnedGrain>("Secondary_1/5").Silo(Token))).ShouldBe("Secondary_1");
    }

    [Fact]
    public async Task A_silo_that_stops_waits_for_its_calls()
    {
        var call = cluster.Client.GetGrain<IPinnedGrain>("Primary/6").HoldAt("Secondary_1/6", "stopped call", Token);
        await Signals.Wait("stopped call in", Token);
        var stop = cluster.StopSiloAsync(Second);
        Signals.Set("stopped call go");
        (await call).ShouldBeNull();
        await stop;
    }

    [Fact]
    public async Task A_grain_of_a_silo_that_stopped_comes_back_elsewhere()
    {
        var grain = await GrainOn("Secondary_1");
        await cluster.StopSiloAsync(Second);
        (await Eventually.Answers(() => grain.Silo(Token))).ShouldBe("Primary");
    }

    [Fact]
    public async Task A_pinned_grain_of_a_silo_that_stopped_gets_the_directors_error()
    {
        var grain = cluster.Client.GetGrain<IPinnedGrain>("Secondary_1/7");
        (await grain.Silo(Token)).ShouldBe("Secondary_1");
        await cluster.StopSiloAsync(Second);
        await Eventually.Is(async () => await Lost.By(() => grain.Silo(Token)) is NoSuchSiloException);
    }

    [Fact]
    public async Task Calls_go_on_while_silos_come_and_go()
    {
        for (var round = 0; round < 3; round++)
        {
            var added = await cluster.StartAdditionalSiloAsync();
            var answers = Task.WhenAll(Enumerable.Range(0, 100).Select(i => Eventually.Answers(() => cluster.Client.GetGrain<IProbeGrain>($"round {round} {i}").Silo(Token))));
            await cluster.StopSiloAsync(added);
            (await answers).ShouldAllBe(name => name.Length > 0);
        }
    }

    /// <summary>A grain that lives there and could live anywhere.</summary>
    private async Task<ILocalGrain> GrainOn(string silo)
    {
        var key = Guid.NewGuid().ToString();
        (await cluster.Client.GetGrain<IPinnedGrain>($"{silo}/8").Neighbour(key, Token)).ShouldBe(silo);
        return cluster.Client.GetGrain<ILocalGrain>(key);
    }
}
