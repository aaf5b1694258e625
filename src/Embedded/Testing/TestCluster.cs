using System.Collections.ObjectModel;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Orleans.TestingHost;

/// <summary>Several silos and a client in one process, for tests.</summary>
public class TestCluster : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly List<SiloHandle> secondaries = [];
    private int started;
    private IHost? client;

    internal TestCluster(TestClusterOptions options, IReadOnlyList<IConfigurationSource> configurationSources) =>
        (Options, ConfigurationSources) = (options, configurationSources);

    public TestClusterOptions Options { get; }

    public IReadOnlyList<IConfigurationSource> ConfigurationSources { get; }

    public SiloHandle? Primary { get; private set; }

    public IReadOnlyList<SiloHandle> SecondarySilos
    {
        get
        {
            lock (gate) return [.. secondaries];
        }
    }

    /// <summary>The silos that were started and neither stopped nor killed through the cluster.</summary>
    public ReadOnlyCollection<SiloHandle> Silos => new([.. Primary is { } primary ? [primary] : (SiloHandle[])[], .. SecondarySilos]);

    /// <summary>A client outside of the silos.</summary>
    public IClusterClient Client => client?.Services.GetRequiredService<IClusterClient>() ?? throw new ObjectDisposedException(nameof(Client));

    public IGrainFactory GrainFactory => Client;

    /// <summary>The client's services.</summary>
    public IServiceProvider ServiceProvider => Client.ServiceProvider;

    public async Task DeployAsync()
    {
        try
        {
            Primary = await StartSiloAsync(0, Options);
            await StartAdditionalSilosAsync(Options.InitialSilosCount - 1);
            await InitializeClientAsync();
        }
        catch
        {
            await StopAllSilosAsync();
            throw;
        }
    }

    /// <summary>The services of a silo, of any one without an address.</summary>
    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null)
    {
        var handle = silo is null
            ? Silos[Random.Shared.Next(Silos.Count)]
            : GetSiloForAddress(silo) ?? throw new ArgumentException($"The cluster has no silo {silo}.", nameof(silo));
        return ((InProcessSiloHandle)handle).SiloHost.Services;
    }

    public SiloHandle? GetSiloForAddress(SiloAddress siloAddress) => Silos.FirstOrDefault(silo => silo.SiloAddress.Equals(siloAddress));

    public IEnumerable<SiloHandle> GetActiveSilos() => Silos.Where(silo => silo.IsActive);

    public async Task<SiloHandle> StartAdditionalSiloAsync(bool startAdditionalSiloOnNewPort = false) =>
        (await StartAdditionalSilosAsync(1, startAdditionalSiloOnNewPort))[0];

    public async Task<List<SiloHandle>> StartAdditionalSilosAsync(int silosToStart, bool startAdditionalSiloOnNewPort = false)
    {
        var first = started;
        var silos = await Task.WhenAll(Enumerable.Range(first, silosToStart).Select(number => StartSiloAsync(number, Options, null, startAdditionalSiloOnNewPort)));
        lock (gate) secondaries.AddRange(silos);
        return [.. silos];
    }

    /// <summary>Starts a silo under the name of its number, without adding it to <see cref="Silos"/>.</summary>
    public async Task<SiloHandle> StartSiloAsync(int instanceNumber, TestClusterOptions clusterOptions, IReadOnlyList<IConfigurationSource>? configurationOverrides = null, bool startSiloOnNewPort = false)
    {
        var name = instanceNumber == 0 ? "Primary" : $"Secondary_{instanceNumber}";
        var offset = startSiloOnNewPort ? instanceNumber + 50 : instanceNumber;
        var host = Host([.. configurationOverrides ?? [], new MemoryConfigurationSource { InitialData = [new("Orleans:Name", name)] }]);
        host.UseOrleans(silo => silo
            .UseLocalhostClustering(clusterOptions.BaseSiloPort + offset, clusterOptions.BaseGatewayPort + offset, new(IPAddress.Loopback, clusterOptions.BaseSiloPort), clusterOptions.ServiceId, clusterOptions.ClusterId)
            .Configure<SiloOptions>(options => options.SiloName = name));
        foreach (var configurator in clusterOptions.SiloBuilderConfiguratorTypes.Select(Make))
        {
            (configurator as IHostConfigurator)?.Configure(host);
            host.UseOrleans(silo => (configurator as ISiloConfigurator)?.Configure(silo));
        }
        var handle = await InProcessSiloHandle.Start(host.Build(), clusterOptions, instanceNumber);
        Interlocked.Increment(ref started);
        return handle;
    }

    /// <summary>Starts the client, anew if there was one.</summary>
    public async Task InitializeClientAsync()
    {
        await StopClusterClientAsync();
        var host = Host([]);
        int[] gateways = [.. Silos.Select(silo => silo.GatewayAddress.Endpoint.Port)];
        host.UseOrleansClient(builder => builder.UseLocalhostClustering(gateways, Options.ServiceId, Options.ClusterId));
        foreach (var configurator in Options.ClientBuilderConfiguratorTypes.Select(Make))
        {
            (configurator as IHostConfigurator)?.Configure(host);
            host.UseOrleansClient((context, builder) => (configurator as IClientBuilderConfigurator)?.Configure(context.Configuration, builder));
        }
        client = host.Build();
        await client.StartAsync();
    }

    public async Task StopClusterClientAsync()
    {
        if (Interlocked.Exchange(ref client, null) is not { } host) return;
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    public Task KillSiloAsync(SiloHandle instance) => Remove(instance, stopGracefully: false);

    public Task StopSiloAsync(SiloHandle instance) => Remove(instance, stopGracefully: true);

    /// <summary>Stops a silo and starts one under its name.</summary>
    public async Task<SiloHandle?> RestartSiloAsync(SiloHandle instance)
    {
        await StopSiloAsync(instance);
        var silo = await StartSiloAsync(instance.InstanceNumber, Options);
        if (instance.InstanceNumber == 0) Primary = silo;
        else lock (gate) secondaries.Add(silo);
        return silo;
    }

    public async Task StopAllSilosAsync()
    {
        await StopClusterClientAsync();
        foreach (var silo in SecondarySilos) await StopSiloAsync(silo);
        if (Primary is not null) await StopSiloAsync(Primary);
    }

    public async ValueTask DisposeAsync() => await StopAllSilosAsync();

    private async Task Remove(SiloHandle instance, bool stopGracefully)
    {
        try
        {
            await instance.StopSiloAsync(stopGracefully);
        }
        finally
        {
            Interlocked.Decrement(ref started);
            lock (gate) secondaries.Remove(instance);
            if (Primary == instance) Primary = null;
        }
    }

    private HostBuilder Host(IEnumerable<IConfigurationSource> overrides)
    {
        var host = new HostBuilder();
        host.UseEnvironment(Environments.Development);
        host.ConfigureHostConfiguration(builder =>
        {
            foreach (var source in ConfigurationSources.Concat(overrides)) builder.Add(source);
        });
        return host;
    }

    private static object Make(string typeName) => Activator.CreateInstance(Type.GetType(typeName, throwOnError: true)!)!;
}
