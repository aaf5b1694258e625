using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Orleans.GrainDirectory;
using Orleans.Metadata;
using Orleans.Runtime.GrainDirectory;

namespace Splitwiser.Grains;

public static partial class SplitwiserGrains
{
    static partial void FindDevicesByName(ISiloBuilder silo) => silo.Services.AddSingleton<IGrainDirectoryResolver, DevicesByName>();

    /// <summary>
    /// The directory of grains that <see cref="OnDevice"/> places: it knows of none, so that the director is asked, who reads their silo from
    /// the key. Orleans looks a grain up before it places it, whatever the strategy says of directories: in its own one that is a call to the
    /// silo that the grain's id falls to, and while that one was dead and not yet struck off, devices of living silos could not be reached.
    /// </summary>
    private sealed class DevicesByName : IGrainDirectoryResolver, IGrainDirectory
    {
        public bool TryResolveGrainDirectory(GrainType grainType, GrainProperties? properties, [NotNullWhen(true)] out IGrainDirectory? grainDirectory)
        {
            grainDirectory = properties?.Properties.GetValueOrDefault(WellKnownGrainTypeProperties.PlacementStrategy) == nameof(OnDevice) ? this : null;
            return grainDirectory is not null;
        }

        public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult<GrainAddress?>(null);

        public Task<GrainAddress?> Register(GrainAddress address) => Task.FromResult<GrainAddress?>(address);

        public Task Unregister(GrainAddress address) => Task.CompletedTask;

        public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;
    }
}
