using Orleans.Configuration;
using Orleans.TestingHost;
using Splitwiser.Client.Tests;

[assembly: AssemblyFixture(typeof(ScriptedCluster))]

namespace Splitwiser.Client.Tests;

/// <summary>Two silos of scripted request grains, and a client outside of them.</summary>
public sealed class ScriptedCluster : IAsyncLifetime
{
    public TestCluster Cluster { get; } = new TestClusterBuilder(2).AddSiloBuilderConfigurator<QuickToNotice>().Build();

    public IGrainFactory Grains => Cluster.Client;

    public async ValueTask InitializeAsync() => await Cluster.DeployAsync();

    public async ValueTask DisposeAsync()
    {
        await Cluster.StopAllSilosAsync();
        await Cluster.DisposeAsync();
    }

    /// <summary>A killed silo is out after about a second, as in a silo of ours.</summary>
    private sealed class QuickToNotice : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.NumMissedProbesLimit = 2;
            membership.NumVotesForDeathDeclaration = 1;
        });
    }
}
