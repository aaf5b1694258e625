using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;

namespace Splitwiser.Grains;

/// <summary>Adds Splitwiser's grains and this silo's devices to a silo.</summary>
public static partial class SplitwiserGrains
{
    /// <param name="devices">Says what this silo serves; called once, when the silo's services are made.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option that nothing could run with.</exception>
    public static ISiloBuilder AddSplitwiserGrains(this ISiloBuilder silo, Func<IServiceProvider, DeviceSet> devices, GrainOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.AddPlacementDirector<OnDevice, OnDeviceDirector>();
        FindGrainsByPlacement(silo);
        silo.Services.Configure<SiloMessagingOptions>(messaging => messaging.CancelRequestOnTimeout = true); // or a call that timed out would work on
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.AddSingleton((options ?? new()).Checked())
            .AddSingleton(devices)
            .AddSingleton(services => services.GetRequiredService<DeviceSet>().Model)
            .AddSingleton<LocalDevices>()
            .AddSingleton<DeviceView>()
            .AddSingleton<FullDevices>()
            .AddSingleton<OpenStreams>()
            .AddSingleton<DeviceFeeds>()
            .AddSingleton<RequestMetrics>()
            .AddSingleton<ILifecycleParticipant<ISiloLifecycle>, DeviceHost>();
        return silo;
    }

    // Implemented for the engine that needs it: the embedded one finds the activation that is there.
    static partial void FindGrainsByPlacement(ISiloBuilder silo);
}
