using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.TestingHost;

[assembly: AssemblyFixture(typeof(Splitwiser.Actors.Tests.PatientCluster))]
[assembly: AssemblyFixture(typeof(Splitwiser.Actors.Tests.ImpatientCluster))]

namespace Splitwiser.Actors.Tests;

/// <summary>Two silos and a client with the default limits. Tests share it: each has grains of its own.</summary>
public sealed class PatientCluster : IAsyncLifetime
{
    public TestCluster Cluster { get; } = Clusters.Patient();

    public ValueTask InitializeAsync() => new(Cluster.DeployAsync());

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}

/// <summary>The same with limits of a few seconds, where limits are what is tested.</summary>
public sealed class ImpatientCluster : IAsyncLifetime
{
    public TestCluster Cluster { get; } = Clusters.Impatient();

    public ValueTask InitializeAsync() => new(Cluster.DeployAsync());

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}

internal static class Clusters
{
    public static readonly TimeSpan ShortTimeout = TimeSpan.FromSeconds(3);

    public static TestCluster Patient(short silos = 2) => Build<TestSilo, TestClient>(silos);

    public static TestCluster Impatient(short silos = 2) => Build<ImpatientSilo, ImpatientClient>(silos);

    private static TestCluster Build<TSilo, TClient>(short silos) where TSilo : ISiloConfigurator, new() where TClient : IClientBuilderConfigurator, new() =>
        new TestClusterBuilder(silos).AddSiloBuilderConfigurator<TSilo>().AddClientBuilderConfigurator<TClient>().Build();

    private sealed class TestSilo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder
            .AddPlacementDirector<OnNamedSilo, NamedSiloDirector>()
            .Configure<SiloMessagingOptions>(options => options.CancelRequestOnTimeout = true)
            .Configure<GrainCollectionOptions>(options => options.CollectionQuantum = TimeSpan.FromSeconds(1))  // below every grain's own age
            .Configure<ClusterMembershipOptions>(options => (options.ProbeTimeout, options.NumMissedProbesLimit, options.NumVotesForDeathDeclaration) = (TimeSpan.FromSeconds(1), 2, 1))
            .ConfigureServices(services => services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, StageRecorder>());
    }

    private sealed class TestClient : IClientBuilderConfigurator
    {
        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder) =>
            clientBuilder.Configure<ClientMessagingOptions>(options => options.CancelRequestOnTimeout = true);
    }

    private sealed class ImpatientSilo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            new TestSilo().Configure(siloBuilder);
            siloBuilder.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = ShortTimeout)
                .Configure<GrainCollectionOptions>(options => options.CollectionAge = ShortTimeout * 3);
        }
    }

    private sealed class ImpatientClient : IClientBuilderConfigurator
    {
        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder)
        {
            new TestClient().Configure(configuration, clientBuilder);
            clientBuilder.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = ShortTimeout);
        }
    }
}

/// <summary>Writes down the stages that its silo goes through.</summary>
internal sealed class StageRecorder(IServiceProvider services) : ILifecycleParticipant<ISiloLifecycle>
{
    private readonly List<string> stages = [];

    /// <summary>Of the silo at the address: "start 10000", ..., "stop 20000", ...</summary>
    public static System.Collections.Concurrent.ConcurrentDictionary<SiloAddress, List<string>> Of { get; } = new();

    public void Participate(ISiloLifecycle lifecycle)
    {
        Of[services.GetRequiredService<ILocalSiloDetails>().SiloAddress] = stages;
        foreach (var stage in (int[])[ServiceLifecycleStage.Active, ServiceLifecycleStage.ApplicationServices, 15000])
            lifecycle.Subscribe($"tests.{stage}", stage, _ => Write($"start {stage}"), _ => Write($"stop {stage}"));
    }

    private Task Write(string stage)
    {
        lock (stages) stages.Add(stage);
        return Task.CompletedTask;
    }
}
