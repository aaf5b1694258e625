using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace Splitwiser.Actors.Tests;

public sealed class SiloTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_starts_its_stages_upwards_and_stops_them_downwards()
    {
        var cluster = Clusters.Patient(silos: 1);
        await cluster.DeployAsync();
        var address = cluster.Silos[0].SiloAddress;
        StageRecorder.Of[address].ShouldBe(["start 10000", "start 15000", "start 20000"]);
        await cluster.DisposeAsync();
        StageRecorder.Of[address].Skip(3).ShouldBe(["stop 20000", "stop 15000", "stop 10000"]);
    }

    [Fact]
    public async Task Each_silo_has_its_own_name_address_and_services()
    {
        await using var cluster = await Deploy(Clusters.Patient());
        var details = cluster.Silos.Select(silo => cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<ILocalSiloDetails>()).ToList();
        details.Select(silo => silo.Name).ShouldBe(["Primary", "Secondary_1"]);
        details.Select(silo => silo.SiloAddress).ShouldBe(cluster.Silos.Select(silo => silo.SiloAddress));
        details[0].SiloAddress.ShouldNotBe(details[1].SiloAddress);
    }

    [Fact]
    public async Task Membership_lists_the_silos_by_name_and_tells_who_joins_and_who_leaves()
    {
        await using var cluster = await Deploy(Clusters.Patient());
        var membership = cluster.GetSiloServiceProvider(cluster.Silos[0].SiloAddress).GetRequiredService<IClusterMembershipService>();
        membership.CurrentSnapshot.Members.Values.Where(m => m.Status == SiloStatus.Active).Select(m => m.Name).ShouldBe(["Primary", "Secondary_1"], ignoreOrder: true);
        await using var updates = membership.MembershipUpdates.GetAsyncEnumerator(Token);
        var added = await cluster.StartAdditionalSiloAsync();
        await Until(updates, snapshot => snapshot.Members.TryGetValue(added.SiloAddress, out var member) && member is { Status: SiloStatus.Active, Name: "Secondary_2" });
        await cluster.StopSiloAsync(added);
        await Until(updates, snapshot => !snapshot.Members.TryGetValue(added.SiloAddress, out var member) || member.Status == SiloStatus.Dead);
    }

    [Fact]
    public async Task A_client_that_was_stopped_calls_no_more()
    {
        await using var cluster = await Deploy(Clusters.Patient(silos: 1));
        var grain = cluster.Client.GetGrain<IProbeGrain>("after the client");
        await grain.Nothing(Token);
        await cluster.StopClusterClientAsync();
        await Should.ThrowAsync<ObjectDisposedException>(async () => await grain.Incarnation(Token));
    }

    [Fact]
    public void A_host_is_a_silo_or_a_client_but_not_both() => Should.Throw<OrleansConfigurationException>(() =>
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo => silo.UseLocalhostClustering());
        builder.UseOrleansClient(client => client.UseLocalhostClustering());
    });

    [Fact]
    public async Task A_client_without_a_gateway_waits_for_one_until_its_token_fires()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient(client => client.UseLocalhostClustering(gatewayPort: 39871));
        using var host = builder.Build();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(2));
        (await Record.ExceptionAsync(() => host.StartAsync(limit.Token))).ShouldNotBeNull();
        limit.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task A_silo_and_a_client_meet_over_localhost()
    {
        using var silo = LocalSilo(21871, 39872);
        await silo.StartAsync(Token);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient(client => client.UseLocalhostClustering(gatewayPort: 39872));
        using var client = builder.Build();
        await client.StartAsync(Token);
        (await client.Services.GetRequiredService<IClusterClient>().GetGrain<INumberGrain>(4).Key(Token)).ShouldBe(4);
        await client.StopAsync(Token);
        await silo.StopAsync(Token);
    }

    [Fact]
    public async Task A_collection_age_that_is_no_longer_than_its_quantum_is_refused()
    {
        using var silo = LocalSilo(21873, 39874, options => (options.CollectionAge, options.CollectionQuantum) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
        await Should.ThrowAsync<OrleansConfigurationException>(() => silo.StartAsync(Token));
    }

    private static IHost LocalSilo(int port, int gateway, Action<GrainCollectionOptions>? collection = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(port, gateway)
            .AddPlacementDirector<OnNamedSilo, NamedSiloDirector>()
            .Configure(collection ?? (options => options.CollectionQuantum = TimeSpan.FromSeconds(1))));
        return builder.Build();
    }

    private static async Task<TestCluster> Deploy(TestCluster cluster)
    {
        await cluster.DeployAsync();
        return cluster;
    }

    private static async Task Until(IAsyncEnumerator<ClusterMembershipSnapshot> updates, Func<ClusterMembershipSnapshot, bool> seen)
    {
        do (await updates.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token)).ShouldBeTrue();
        while (!seen(updates.Current));
    }
}
