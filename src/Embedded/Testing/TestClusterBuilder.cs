using Microsoft.Extensions.Configuration;

namespace Orleans.TestingHost;

public interface ISiloConfigurator { void Configure(ISiloBuilder siloBuilder); }
public interface IClientBuilderConfigurator { void Configure(IConfiguration configuration, IClientBuilder clientBuilder); }

public class TestClusterOptions
{
    public string ClusterId { get; set; } = "";
    public short InitialSilosCount { get; set; }

    /// <summary>Of the first silo; each further silo has the next one.</summary>
    public int BaseSiloPort { get; set; }
    public int BaseGatewayPort { get; set; }

    internal List<Action<ISiloBuilder>> Silo { get; } = [];
    internal List<Action<IClientBuilder>> Client { get; } = [];
}

/// <summary>Describes a cluster for tests: its silos and its client run in this process, each as a host of its own.</summary>
public class TestClusterBuilder
{
    private static int clusters;
    private readonly ConfigurationBuilder configuration = new();

    public TestClusterBuilder() : this(2) { }

    public TestClusterBuilder(short initialSilosCount)
    {
        var number = Interlocked.Increment(ref clusters);
        (Options.ClusterId, Options.InitialSilosCount) = ($"testcluster-{number}", initialSilosCount);
        (Options.BaseSiloPort, Options.BaseGatewayPort) = (10000 + number % 200 * 100, 30000 + number % 200 * 100);
    }

    public TestClusterOptions Options { get; } = new();

    /// <summary>Adds to the configuration of all hosts.</summary>
    public TestClusterBuilder ConfigureHostConfiguration(Action<IConfigurationBuilder> configureDelegate)
    {
        configureDelegate(configuration);
        return this;
    }

    /// <summary>Adds an <see cref="ISiloConfigurator"/>, made anew for each silo.</summary>
    public TestClusterBuilder AddSiloBuilderConfigurator<T>() where T : new()
    {
        Options.Silo.Add(silo => ((ISiloConfigurator)(object)new T()).Configure(silo));
        return this;
    }

    /// <summary>Adds an <see cref="IClientBuilderConfigurator"/>.</summary>
    public TestClusterBuilder AddClientBuilderConfigurator<T>() where T : new()
    {
        Options.Client.Add(client => ((IClientBuilderConfigurator)(object)new T()).Configure(client.Configuration, client));
        return this;
    }

    public TestCluster Build() => new(Options, [.. configuration.Sources]);
}
