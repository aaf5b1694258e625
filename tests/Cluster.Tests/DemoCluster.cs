using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Splitwiser.Grains;
using Splitwiser.Tests;

namespace Splitwiser.Cluster.Tests;

/// <summary>Silos with CPU devices, two with two each unless said, and a client outside of them.</summary>
public sealed class DemoCluster : IAsyncLifetime
{
    /// <summary>No wait of a caller may be longer, whatever happens to the silos.</summary>
    public static readonly TimeSpan NoHang = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, string?> settings = [];
    private readonly List<SiloHandle> restarted = [];
    private short silos = 2;

    public TestCluster Cluster { get; private set; } = null!;

    /// <summary>Those that run, restarted ones included.</summary>
    public IEnumerable<SiloHandle> Silos => Cluster.Silos.Concat(restarted);

    public IGrainFactory Client => Cluster.Client;

    private int DevicesOfASilo => int.Parse(settings.GetValueOrDefault(DemoSilo.DeviceCount) ?? $"{DemoSilo.Devices}", CultureInfo.InvariantCulture);

    private int PagesOfADevice => int.Parse(settings.GetValueOrDefault(DemoSilo.PageCount) ?? $"{DemoSilo.Pages}", CultureInfo.InvariantCulture);

    public IEnumerable<string> Devices => Silos.Where(silo => settings.GetValueOrDefault(DemoSilo.DevicesOn, silo.Name) == silo.Name).SelectMany(silo => Enumerable.Range(0, DevicesOfASilo).Select(index => $"{silo.Name}/{index}"));

    public static async Task<DemoCluster> Start(string? setting = null, string value = "")
    {
        var cluster = new DemoCluster();
        if (setting is not null) cluster.settings[setting] = value;
        await cluster.InitializeAsync();
        return cluster;
    }

    internal static async Task<DemoCluster> Start(short silos, params (string Setting, string Value)[] settings)
    {
        var cluster = new DemoCluster { silos = silos };
        foreach (var (setting, value) in settings) cluster.settings[setting] = value;
        await cluster.InitializeAsync();
        return cluster;
    }

    public async ValueTask InitializeAsync()
    {
        var builder = new TestClusterBuilder(silos);
        builder.ConfigureHostConfiguration(configuration => configuration.AddInMemoryCollection(settings));
        builder.AddSiloBuilderConfigurator<DemoSilo>();
        builder.AddClientBuilderConfigurator<DemoClient>();
        Cluster = builder.Build();
        await Cluster.DeployAsync();
        await EveryDeviceIsKnown();
    }

    internal async Task Kill(SiloHandle silo)
    {
        restarted.Remove(silo);
        await Cluster.KillSiloAsync(silo);
    }

    internal async Task Stop(SiloHandle silo)
    {
        restarted.Remove(silo);
        await Cluster.StopSiloAsync(silo);
    }

    /// <summary>Sequences that had to give their pages up, on all devices that run.</summary>
    internal long Preemptions => Silos.Sum(silo => ServicesOf(silo).GetRequiredService<LocalDevices>().All.Sum(device => device.Statistics.Preemptions));

    /// <summary>Starts a silo anew, under its old name.</summary>
    internal async Task Restart(SiloHandle silo)
    {
        restarted.Add(await Cluster.StartSiloAsync(silo.InstanceNumber, Cluster.Options));
        await EveryDeviceIsKnown();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in restarted.ToList()) await silo.StopSiloAsync(true);
        await Cluster.StopAllSilosAsync();
        await Cluster.DisposeAsync();
    }

    internal static IServiceProvider ServicesOf(SiloHandle silo) => ((InProcessSiloHandle)silo).SiloHost.Services;

    /// <summary>A way in through one silo, as its HTTP API has it.</summary>
    internal IGrainFactory Inside(SiloHandle silo) => ServicesOf(silo).GetRequiredService<IGrainFactory>();

    /// <summary>Sequences that have pages, on all devices, as of now.</summary>
    internal int Running => Silos.Sum(silo => ServicesOf(silo).GetRequiredService<LocalDevices>().All.Sum(device => device.Load.Running));

    /// <summary>Prompts that wait for their first pages, likewise.</summary>
    internal int Waiting => Silos.Sum(silo => ServicesOf(silo).GetRequiredService<LocalDevices>().All.Sum(device => device.Load.Waiting));

    internal Task EveryDeviceIsKnown() => EveryoneKnows("every device", snapshot => snapshot.Devices.Select(device => device.Device).Order().SequenceEqual(Devices.Order()));

    /// <summary>Waits until every silo's view of the devices is so.</summary>
    internal Task EveryoneKnows(string what, Func<DeviceSnapshot, bool> knows) => Eventually.Holds(
        $"every silo knows {what}",
        () => Task.FromResult(Silos.All(silo => knows(ServicesOf(silo).GetRequiredService<DeviceView>().Snapshot))),
        TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    /// <summary>Waits until no page of any device is leased, which is how it must be when no request runs.</summary>
    internal Task EveryPageIsBack(double seconds = 5) => Eventually.Holds("every page is back", async () =>
    {
        foreach (var device in Devices)
        {
            var pages = await Inside(Silos.First()).GetGrain<IKvCacheGrain>(device).Accounts(TestContext.Current.CancellationToken);
            (pages.Free + pages.Leased + pages.Cached).ShouldBe(PagesOfADevice);
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
