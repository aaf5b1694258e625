using Orleans.TestingHost;

namespace Splitwiser.Actors.Tests;

public sealed class PlacementTests(PatientCluster shared)
{
    private readonly TestCluster cluster = shared.Cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_director_puts_a_grain_where_its_key_says()
    {
        foreach (var silo in cluster.Silos)
            (await cluster.Client.GetGrain<IPinnedGrain>($"{silo.Name}/0").Silo(Token)).ShouldBe(silo.Name);
    }

    [Fact]
    public async Task What_a_director_throws_the_caller_gets()
    {
        var error = await Should.ThrowAsync<NoSuchSiloException>(() => cluster.Client.GetGrain<IPinnedGrain>("Nowhere/0").Silo(Token));
        error.Name.ShouldBe("Nowhere");
    }

    [Fact]
    public async Task A_grain_that_prefers_its_callers_silo_lives_there()
    {
        foreach (var silo in cluster.Silos)
        {
            for (var i = 0; i < 10; i++)
                (await cluster.Client.GetGrain<IPinnedGrain>($"{silo.Name}/1").Neighbour($"local {silo.Name} {i}", Token)).ShouldBe(silo.Name);
        }
    }

    [Fact]
    public async Task A_grain_that_prefers_its_callers_silo_stays_where_its_first_caller_was()
    {
        var (first, second) = (cluster.Silos[0].Name, cluster.Silos[1].Name);
        (await cluster.Client.GetGrain<IPinnedGrain>($"{first}/2").Neighbour("settled", Token)).ShouldBe(first);
        (await cluster.Client.GetGrain<IPinnedGrain>($"{second}/2").Neighbour("settled", Token)).ShouldBe(first);
    }

    [Fact]
    public async Task A_grain_without_a_placement_lives_on_one_of_the_silos()
    {
        var silos = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => cluster.Client.GetGrain<IProbeGrain>($"anywhere {i}").Silo(Token)));
        silos.ShouldBeSubsetOf(cluster.Silos.Select(silo => silo.Name));
    }
}
