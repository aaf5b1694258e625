using Orleans.Placement;

namespace Splitwiser.Grains;

/// <summary>A grain with the key "silo/index" lives on the silo of that name and nowhere else.</summary>
[Serializable, GenerateSerializer, Immutable, SuppressReferenceTracking]
public sealed class OnDevice : PlacementStrategy
{
    internal static OnDevice Singleton { get; } = new();

    /// <summary>The key says where. An entry in the directory would be kept by any silo, and with that one's death Orleans would deactivate the grains of a living device.</summary>
    public override bool IsUsingGrainDirectory => false;
}

/// <inheritdoc cref="OnDevice"/>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnDeviceAttribute() : PlacementAttribute(OnDevice.Singleton);
