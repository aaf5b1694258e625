using System.Collections.Immutable;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Grains;

/// <summary>What one silo serves: a model, and the devices that run it.</summary>
/// <param name="Model">The one model of all its devices.</param>
/// <param name="Count">Devices that it starts with, numbered from 0; none for a silo that only takes requests.</param>
/// <param name="Open">Makes the worker of one device, by its number, whenever that is opened; the silo disposes it and its runner.</param>
public sealed record DeviceSet(ServedModel Model, int Count, Func<int, DeviceWorker> Open)
{
    /// <summary>Devices that there is hardware for: those beyond <see cref="Count"/> can be opened while it serves.</summary>
    public int Most { get; init; } = Count;

    /// <summary>Tokens of prompts that every device computes before the silo takes calls, and keeps cached.</summary>
    public ImmutableArray<ImmutableArray<int>> PinnedPrompts { get; init; } = [];
}
