using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Orleans.TestingHost;

public interface ISiloConfigurator
{
    void Configure(ISiloBuilder siloBuilder);
}

public interface IHostConfigurator
{
    void Configure(IHostBuilder hostBuilder);
}

public interface IClientBuilderConfigurator
{
    void Configure(IConfiguration configuration, IClientBuilder clientBuilder);
}

public class TestClusterOptions
{
    public string ClusterId { get; set; } = "";

    public string ServiceId { get; set; } = "";

    public short InitialSilosCount { get; set; }

    /// <summary>Of the first silo; each further silo has the next one.</summary>
    public int BaseSiloPort { get; set; }

    /// <inheritdoc cref="BaseSiloPort"/>
    public int BaseGatewayPort { get; set; }

    /// <summary>Assembly-qualified names of <see cref="ISiloConfigurator"/>s and <see cref="IHostConfigurator"/>s.</summary>
    public List<string> SiloBuilderConfiguratorTypes { get; } = [];

    /// <summary>Assembly-qualified names of <see cref="IClientBuilderConfigurator"/>s and <see cref="IHostConfigurator"/>s.</summary>
    public List<string> ClientBuilderConfiguratorTypes { get; } = [];
}

/// <summary>Describes a cluster for tests: its silos and its client run in this process, each as a host of its own.</summary>
public class TestClusterBuilder
{
    private const int PortsPerCluster = 100;
    private static int clusters;
    private readonly List<Action<IConfigurationBuilder>> configuration = [];

    public TestClusterBuilder() : this(2) { }

    public TestClusterBuilder(short initialSilosCount)
    {
        var number = Interlocked.Increment(ref clusters);
        Options = new()
        {
            InitialSilosCount = initialSilosCount,
            ClusterId = $"testcluster-{number}",
            ServiceId = Guid.NewGuid().ToString("N"),
            BaseSiloPort = 10000 + number % 200 * PortsPerCluster,
            BaseGatewayPort = 30000 + number % 200 * PortsPerCluster,
        };
    }

    public TestClusterOptions Options { get; }

    /// <summary>Configuration of all hosts.</summary>
    public Dictionary<string, string> Properties { get; } = [];

    public TestClusterBuilder ConfigureHostConfiguration(Action<IConfigurationBuilder> configureDelegate)
    {
        configuration.Add(configureDelegate);
        return this;
    }

    /// <summary>Adds an <see cref="ISiloConfigurator"/> or <see cref="IHostConfigurator"/>, made anew for each silo.</summary>
    public TestClusterBuilder AddSiloBuilderConfigurator<T>() where T : new() =>
        Add<T, ISiloConfigurator>(Options.SiloBuilderConfiguratorTypes);

    /// <summary>Adds an <see cref="IClientBuilderConfigurator"/> or <see cref="IHostConfigurator"/>.</summary>
    public TestClusterBuilder AddClientBuilderConfigurator<T>() where T : new() =>
        Add<T, IClientBuilderConfigurator>(Options.ClientBuilderConfiguratorTypes);

    public TestCluster Build()
    {
        var builder = new ConfigurationBuilder();
        builder.AddInMemoryCollection(Properties!);
        builder.AddInMemoryCollection(new Dictionary<string, string?> { ["Orleans:ClusterId"] = Options.ClusterId, ["Orleans:ServiceId"] = Options.ServiceId });
        foreach (var configure in configuration) configure(builder);
        return new(Options, [.. builder.Sources]);
    }

    private TestClusterBuilder Add<T, TConfigurator>(List<string> types)
    {
        if (!typeof(T).IsAssignableTo(typeof(TConfigurator)) && !typeof(T).IsAssignableTo(typeof(IHostConfigurator)))
            throw new ArgumentException($"{typeof(T)} is no {typeof(TConfigurator).Name} and no {nameof(IHostConfigurator)}.");
        types.Add(typeof(T).AssemblyQualifiedName!);
        return this;
    }
}
