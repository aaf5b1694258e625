using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.TestingHost;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Phases;
using Splitwiser.Grains;
using Splitwiser.Models;

namespace Splitwiser.Cluster.Tests;

/// <summary>A silo with two CPU devices that serve models/demo. Its settings come as the cluster's properties.</summary>
internal sealed class DemoSilo : ISiloConfigurator
{
    public const int Devices = 2;
    public const int Pages = 192;
    public const string ConsumerIdle = "Demo:ConsumerIdleSeconds";

    /// <summary>Name of the only silo with devices; every silo has some without it.</summary>
    public const string DevicesOn = "Demo:DevicesOn";

    private static readonly ModelFolder Folder = ModelFolder.Open(Splitwiser.Tests.Repository.DemoModel);
    private static readonly Lazy<DecoderWeights> Weights = new(() => Folder.LoadWeights()); // shared by all silos of the process

    public static ServedModel Model { get; } = ServedModel.From(Folder);

    public void Configure(ISiloBuilder silo)
    {
        var idle = TimeSpan.FromSeconds(silo.Configuration.GetValue(ConsumerIdle, 10.0));
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.NumMissedProbesLimit = 2;
            membership.NumVotesForDeathDeclaration = 1;
        });
        var only = silo.Configuration[DevicesOn];
        silo.AddSplitwiserGrains(services => new DeviceSet(
            Model, only is null || only == services.GetRequiredService<ILocalSiloDetails>().Name ? Devices : 0, index => Open(services, index, idle)));
    }

    private static DeviceWorker Open(IServiceProvider services, int index, TimeSpan idle)
    {
        var options = new CpuRunnerOptions { Threads = 1, PageCount = Pages, MaxRows = 16, MaxTokens = 256, MaxSequences = 16 };
        var runner = new WatchedRunner(new CpuRunner(Weights.Value, options), $"{services.GetRequiredService<ILocalSiloDetails>().Name}/{index}");
        return new(runner, new DeviceOptions { MaxModelLength = Model.MaxModelLength, MaxSequences = 16, ConsumerIdleTimeout = idle },
            TimeProvider.System, services.GetRequiredService<ILogger<DeviceWorker>>());
    }
}
