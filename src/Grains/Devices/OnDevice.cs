using Orleans.Placement;

namespace Splitwiser.Grains;

/// <summary>A grain with the key "silo/index" lives on the silo of that name and nowhere else.</summary>
[Serializable, GenerateSerializer, Immutable, SuppressReferenceTracking]
public sealed class OnDevice : PlacementStrategy
{
    internal static OnDevice Singleton { get; } = new();
}

/// <inheritdoc cref="OnDevice"/>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnDeviceAttribute() : PlacementAttribute(OnDevice.Singleton);
