using System.Collections.ObjectModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Orleans.TestingHost;

/// <summary>Several silos and a client in one process, for tests.</summary>
public class TestCluster : IAsyncDisposable
{
    private readonly IReadOnlyList<IConfigurationSource> configuration;
    private int started;
    private int newPorts;
    private IHost? client;

    internal TestCluster(TestClusterOptions options, IReadOnlyList<IConfigurationSource> configuration) => (Options, this.configuration) = (options, configuration);

    public TestClusterOptions Options { get; }

    /// <summary>The silos that the cluster started and neither stopped nor killed. Those of StartSiloAsync are their starter's.</summary>
    public ReadOnlyCollection<SiloHandle> Silos { get; private set; } = new([]);
    public SiloHandle? Primary => Silos.FirstOrDefault(silo => silo.InstanceNumber == 0);

    /// <summary>A client outside of the silos.</summary>
    public IClusterClient Client => client?.Services.GetRequiredService<IClusterClient>() ?? throw new ObjectDisposedException(nameof(Client));
    public IGrainFactory GrainFactory => Client;

    public async Task DeployAsync()
    {
        try
        {
            for (var number = 0; number < Options.InitialSilosCount; number++) await StartAdditionalSiloAsync();
            int[] gateways = [.. Silos.Select(silo => Options.BaseGatewayPort + silo.InstanceNumber)];
            var builder = Host([]);
            builder.UseOrleansClient(client => client.UseLocalhostClustering(gateways, clusterId: Options.ClusterId));
            Options.Client.ForEach(configure => builder.UseOrleansClient(configure));
            client = builder.Build();
            await client.StartAsync();
        }
        catch { await StopAllSilosAsync(); throw; }
    }

    /// <summary>The services of a silo, of any one without an address.</summary>
    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null) =>
        ((InProcessSiloHandle)Silos.First(handle => silo is null || handle.SiloAddress.Equals(silo))).SiloHost.Services;

    public async Task<SiloHandle> StartAdditionalSiloAsync(bool startAdditionalSiloOnNewPort = false)
    {
        var silo = await StartSiloAsync(started, Options, null, startAdditionalSiloOnNewPort);
        Silos = new([.. Silos, silo]);
        return silo;
    }

    /// <summary>Starts a silo under the name of its number, without adding it to <see cref="Silos"/>.</summary>
    public async Task<SiloHandle> StartSiloAsync(int instanceNumber, TestClusterOptions clusterOptions, IReadOnlyList<IConfigurationSource>? configurationOverrides = null, bool startSiloOnNewPort = false)
    {
        var name = instanceNumber == 0 ? "Primary" : $"Secondary_{instanceNumber}";
        var offset = startSiloOnNewPort ? 50 + newPorts++ % 50 : instanceNumber;
        var builder = Host([.. configurationOverrides ?? [], new MemoryConfigurationSource { InitialData = [new("Orleans:Name", name)] }]);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(clusterOptions.BaseSiloPort + offset, clusterOptions.BaseGatewayPort + offset, new(IPAddress.Loopback, clusterOptions.BaseSiloPort), clusterId: clusterOptions.ClusterId)
            .Configure<SiloOptions>(options => options.SiloName = name));
        clusterOptions.Silo.ForEach(configure => builder.UseOrleans(configure));
        var host = builder.Build();
        try { await Task.Run(() => host.StartAsync()); }
        catch { host.Dispose(); throw; }
        started++;
        var details = host.Services.GetRequiredService<ILocalSiloDetails>();
        return new InProcessSiloHandle { SiloHost = host, InstanceNumber = (short)instanceNumber, Name = details.Name, SiloAddress = details.SiloAddress };
    }

    public Task KillSiloAsync(SiloHandle instance) => Remove(instance, stopGracefully: false);
    public Task StopSiloAsync(SiloHandle instance) => Remove(instance, stopGracefully: true);

    public async Task StopClusterClientAsync()
    {
        if (Interlocked.Exchange(ref client, null) is not { } host) return;
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    public async Task StopAllSilosAsync()
    {
        await StopClusterClientAsync();
        foreach (var silo in Silos.Reverse()) await StopSiloAsync(silo);
    }

    public async ValueTask DisposeAsync() => await StopAllSilosAsync();

    private async Task Remove(SiloHandle instance, bool stopGracefully)
    {
        started--;
        Silos = new([.. Silos.Where(silo => silo != instance)]);
        await instance.StopSiloAsync(stopGracefully);
    }

    private HostBuilder Host(IEnumerable<IConfigurationSource> overrides)
    {
        var host = new HostBuilder();
        host.UseEnvironment(Environments.Development);
        host.ConfigureHostConfiguration(builder => configuration.Concat(overrides).ToList().ForEach(source => builder.Add(source)));
        return host;
    }
}
