using Orleans.TestingHost;
using Splitwiser.Client.Tests;

[assembly: AssemblyFixture(typeof(ScriptedCluster))]

namespace Splitwiser.Client.Tests;

/// <summary>Two silos of scripted request grains, and a client outside of them.</summary>
public sealed class ScriptedCluster : IAsyncLifetime
{
    public TestCluster Cluster { get; } = new TestClusterBuilder(2).Build();

    public IGrainFactory Grains => Cluster.Client;

    public async ValueTask InitializeAsync() => await Cluster.DeployAsync();

    public async ValueTask DisposeAsync()
    {
        await Cluster.StopAllSilosAsync();
        await Cluster.DisposeAsync();
    }
}
