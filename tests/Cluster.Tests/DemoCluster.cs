using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Splitwiser.Grains;
using Splitwiser.Tests;

namespace Splitwiser.Cluster.Tests;

/// <summary>Two silos with two CPU devices each, and a client outside of them.</summary>
public sealed class DemoCluster : IAsyncLifetime
{
    /// <summary>No wait of a caller may be longer, whatever happens to the silos.</summary>
    public static readonly TimeSpan NoHang = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, string?> settings = [];

    public TestCluster Cluster { get; private set; } = null!;

    public IGrainFactory Client => Cluster.Client;

    public IEnumerable<string> Devices => Cluster.Silos.Where(silo => settings.GetValueOrDefault(DemoSilo.DevicesOn, silo.Name) == silo.Name).SelectMany(silo => Enumerable.Range(0, DemoSilo.Devices).Select(index => $"{silo.Name}/{index}"));

    public static async Task<DemoCluster> Start(string? setting = null, string value = "")
    {
        var cluster = new DemoCluster();
        if (setting is not null) cluster.settings[setting] = value;
        await cluster.InitializeAsync();
        return cluster;
    }

    public async ValueTask InitializeAsync()
    {
        var builder = new TestClusterBuilder(2);
        builder.ConfigureHostConfiguration(configuration => configuration.AddInMemoryCollection(settings));
        builder.AddSiloBuilderConfigurator<DemoSilo>();
        builder.AddClientBuilderConfigurator<DemoClient>();
        Cluster = builder.Build();
        await Cluster.DeployAsync();
        await EveryDeviceIsKnown();
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.StopAllSilosAsync();
        await Cluster.DisposeAsync();
    }

    /// <summary>A way in through one silo, as its HTTP API has it.</summary>
    internal IGrainFactory Inside(SiloHandle silo) => Cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<IGrainFactory>();

    /// <summary>Sequences that have pages, on all devices, as of now.</summary>
    internal int Running => Cluster.Silos.Sum(silo => Cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<LocalDevices>().All.Sum(device => device.Load.Running));

    internal Task EveryDeviceIsKnown() => EveryoneKnows("every device", snapshot => snapshot.Devices.Select(device => device.Device).Order().SequenceEqual(Devices.Order()));

    /// <summary>Waits until every silo's view of the devices is so.</summary>
    internal Task EveryoneKnows(string what, Func<DeviceSnapshot, bool> knows) => Eventually.Holds(
        $"every silo knows {what}",
        () => Task.FromResult(Cluster.Silos.All(silo => knows(Cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<DeviceView>().Snapshot))),
        TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    /// <summary>Waits until no page of any device is leased, which is how it must be when no request runs.</summary>
    internal Task EveryPageIsBack(double seconds = 5) => Eventually.Holds("every page is back", async () =>
    {
        foreach (var device in Devices)
        {
            var pages = await Inside(Cluster.Silos[0]).GetGrain<IKvCacheGrain>(device).Accounts(TestContext.Current.CancellationToken);
            (pages.Free + pages.Leased + pages.Cached).ShouldBe(DemoSilo.Pages);
            if (pages.Leased > 0) return false;
        }

        return true;
    }, TimeSpan.FromSeconds(seconds), TestContext.Current.CancellationToken);

    internal static async Task<Heard> Hear(IGrainFactory grains, GenerateRequest request)
    {
        var heard = new Heard(request.Delivered.Length);
        await foreach (var chunk in grains.GetGrain<IRequestGrain>(Guid.NewGuid()).Generate(request, TestContext.Current.CancellationToken))
            heard.Add(chunk);
        heard.End.ShouldNotBeNull();
        return heard;
    }
}
