using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Orleans.GrainDirectory;
using Orleans.Metadata;
using Orleans.Runtime.GrainDirectory;

namespace Splitwiser.Grains;

public static partial class SplitwiserGrains
{
    static partial void FindGrainsByPlacement(ISiloBuilder silo) => silo.Services.AddSingleton<IGrainDirectoryResolver, FoundByPlacement>();

    /// <summary>
    /// The directory of grains whose placement says the same at any time: a device's are on the silo in their key, a request's on the silo that
    /// took its first call and takes the others, as an Orleans client keeps to one gateway for a grain. It knows of none, so that the placement
    /// is asked. Orleans' own directory keeps each entry on some silo, by the grain's id, and asks that one whatever the placement strategy says
    /// of directories: until a dead silo is struck off, devices and requests of living ones could not be found or made, and then were
    /// deactivated.
    /// </summary>
    private sealed class FoundByPlacement : IGrainDirectoryResolver, IGrainDirectory
    {
        public bool TryResolveGrainDirectory(GrainType grainType, GrainProperties? properties, [NotNullWhen(true)] out IGrainDirectory? grainDirectory)
        {
            grainDirectory = properties is not null && IsOurs(properties) && Placement(properties) is nameof(OnDevice) or nameof(PreferLocalPlacement) ? this : null;
            return grainDirectory is not null;
        }

        public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult<GrainAddress?>(null);

        public Task<GrainAddress?> Register(GrainAddress address) => Task.FromResult<GrainAddress?>(address);

        public Task Unregister(GrainAddress address) => Task.CompletedTask;

        public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;

        private static bool IsOurs(GrainProperties grain) =>
            grain.Properties.GetValueOrDefault(WellKnownGrainTypeProperties.FullTypeName)?.StartsWith($"{typeof(SplitwiserGrains).Namespace}.", StringComparison.Ordinal) == true;

        private static string? Placement(GrainProperties grain) => grain.Properties.GetValueOrDefault(WellKnownGrainTypeProperties.PlacementStrategy);
    }
}
