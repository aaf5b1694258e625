using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.TestingHost;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Phases;
using Splitwiser.Grains;
using Splitwiser.Models;

namespace Splitwiser.Cluster.Tests;

/// <summary>A silo with CPU devices, two unless set, that serve models/demo. Its settings come as the cluster's properties.</summary>
internal sealed class DemoSilo : ISiloConfigurator
{
    public const int Devices = 2;
    public const int Pages = 192;
    public const string ConsumerIdle = "Demo:ConsumerIdleSeconds";

    /// <summary>Name of the only silo with devices; every silo has some without it.</summary>
    public const string DevicesOn = "Demo:DevicesOn";

    /// <summary>Devices of each silo, pages and sequences of each device, and how requests are routed.</summary>
    public const string DeviceCount = "Demo:Devices";

    /// <summary>Devices that can be opened on a silo; as many as it starts with without it.</summary>
    public const string MostDevices = "Demo:MostDevices";

    public const string PageCount = "Demo:Pages";

    /// <summary>Pages of main memory behind those of each device; none without it.</summary>
    public const string HostPageCount = "Demo:HostPages";
    public const string Sequences = "Demo:Sequences";
    public const string Routing = "Demo:Routing";

    /// <summary>How long finished requests stay.</summary>
    public const string LingerSeconds = "Demo:LingerSeconds";

    /// <summary>"false" for devices whose steps nobody writes down.</summary>
    public const string Watched = "Demo:Watched";

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
        var count = silo.Configuration.GetValue(DeviceCount, Devices);
        var pages = silo.Configuration.GetValue(PageCount, Pages);
        var hostPages = silo.Configuration.GetValue(HostPageCount, 0);
        var sequences = silo.Configuration.GetValue(Sequences, 16);
        var watched = silo.Configuration.GetValue(Watched, true);
        silo.AddSplitwiserGrains(
            services => only is null || only == services.GetRequiredService<ILocalSiloDetails>().Name
                ? new DeviceSet(Model, count, index => Open(services, index, pages, hostPages, sequences, idle, watched)) { Most = silo.Configuration.GetValue(MostDevices, count) }
                : new DeviceSet(Model, 0, _ => throw new InvalidOperationException("This silo has no devices.")),
            new GrainOptions
            {
                Routing = silo.Configuration.GetValue(Routing, RoutingRule.KvAware),
                Linger = TimeSpan.FromSeconds(silo.Configuration.GetValue(LingerSeconds, 30.0)),
            });
    }

    private static DeviceWorker Open(IServiceProvider services, int index, int pages, int hostPages, int sequences, TimeSpan idle, bool watched)
    {
        var options = new CpuRunnerOptions { Threads = 1, PageCount = pages, HostPageCount = hostPages, MaxRows = sequences, MaxTokens = 256, MaxSequences = sequences };
        IModelRunner runner = new CpuRunner(Weights.Value, options);
        if (watched) runner = new WatchedRunner(runner, $"{services.GetRequiredService<ILocalSiloDetails>().Name}/{index}");
        return new(runner, new DeviceOptions { MaxModelLength = Model.MaxModelLength, MaxSequences = sequences, ConsumerIdleTimeout = idle, HostPages = hostPages, MaxPinnedPages = pages / 4 },
            TimeProvider.System, services.GetRequiredService<ILogger<DeviceWorker>>(), Model.Grammars);
    }
}
