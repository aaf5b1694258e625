using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu.Phases;
using Splitwiser.Grains;

namespace Splitwiser.Bench.Devices;

/// <summary>A silo in this process that serves on some of a fleet's runners, with empty caches.</summary>
internal sealed class FleetSilo : IAsyncDisposable
{
    private readonly IHost host;

    private FleetSilo(IHost host) => this.host = host;

    public IGrainFactory Grains => host.Services.GetRequiredService<IGrainFactory>();

    public IReadOnlyList<DeviceWorker> Workers => host.Services.GetRequiredService<LocalDevices>().All;

    /// <param name="devices">The fleet's first so many.</param>
    public static async Task<FleetSilo> Start(FleetOfRunners fleet, int devices, RoutingRule rule, CancellationToken ct)
    {
        var options = new DeviceOptions
        {
            MaxModelLength = fleet.Model.MaxModelLength, MaxSequences = fleet.Plan.MaxSequences, MaxBatchedTokens = fleet.Plan.StepTokens, QueueLimit = 4096,
        };
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(FreePort(), FreePort())
            .AddSplitwiserGrains(
                _ => new DeviceSet(fleet.Model, devices, index => new DeviceWorker(fleet.Lend(index), options, TimeProvider.System, NullLogger<DeviceWorker>.Instance)),
                new GrainOptions { Routing = rule }));
        var host = builder.Build();
        await host.StartAsync(ct);
        return new FleetSilo(host);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
