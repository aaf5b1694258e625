using System.Collections.Immutable;
using Orleans;

namespace Splitwiser;

/// <summary>What one silo says of its devices.</summary>
/// <param name="Leaving">The silo is shutting down: route nothing new there.</param>
[GenerateSerializer, Immutable, Alias("splitwiser.SiloReport")]
public sealed record SiloReport(
    [property: Id(0)] string Silo,
    [property: Id(1)] ImmutableArray<DeviceReport> Devices,
    [property: Id(2)] bool Leaving);

/// <summary>One device's state at a heartbeat.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.DeviceReport")]
public sealed record DeviceReport
{
    /// <summary>"silo/index": the key of its grains.</summary>
    [Id(0)] public required string Device { get; init; }
    [Id(1)] public required string Model { get; init; }
    [Id(2)] public required string Hardware { get; init; }
    [Id(3)] public required string Mode { get; init; }
    [Id(4)] public required bool Open { get; init; }
    [Id(5)] public required int Waiting { get; init; }
    [Id(6)] public required int Running { get; init; }

    /// <summary>Prompt tokens queued and not yet prefilled.</summary>
    [Id(7)] public required int QueuedTokens { get; init; }
    [Id(8)] public required PageAccounts Pages { get; init; }

    /// <summary>Hashes of cached prefix blocks, ascending, for routing to where a prompt's pages are.</summary>
    [Id(9)] public ImmutableArray<ulong> CachedPrefixes { get; init; } = [];

    /// <summary>How long before the snapshot its silo reported; zero in a report.</summary>
    [Id(10)] public TimeSpan Age { get; init; }

    /// <summary>The device's whole memory in bytes.</summary>
    [Id(11)] public long MemoryBytes { get; init; }

    /// <summary>Says more than <see cref="Open"/>, which alone counts for routing.</summary>
    [Id(12)] public DeviceState State { get; init; }

    /// <summary>Why it is not open; null where nothing is to be said.</summary>
    [Id(13)] public string? Reason { get; init; }

    /// <summary>Most tokens of prompt and output together.</summary>
    [Id(14)] public int MaxModelLength { get; init; }

    /// <summary>The device's streaming multiprocessors; 0 where it has none.</summary>
    [Id(15)] public int Multiprocessors { get; init; }

    /// <summary>How fast it computes prompts, measured lately; 0 before it computed enough to say.</summary>
    [Id(16)] public double SecondsPerPromptToken { get; init; }

    /// <summary>Time between two tokens of an answer, measured lately; 0 before there were enough to say.</summary>
    [Id(17)] public double SecondsPerStep { get; init; }

    /// <summary>Tokens of prompts and answers that it has computed, those of ten seconds ago counted by half.</summary>
    [Id(18)] public double RecentTokens { get; init; }
}

/// <summary>Pages of one device: Free + Leased + Cached = Total.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.PageAccounts")]
public readonly record struct PageAccounts(
    [property: Id(0)] int Free, [property: Id(1)] int Leased, [property: Id(2)] int Cached, [property: Id(3)] int Total);

/// <summary>All devices, as RoutingPolicy sees them.</summary>
/// <param name="Version">Counts up with every change within one activation of the directory.</param>
[GenerateSerializer, Immutable, Alias("splitwiser.DeviceSnapshot")]
public sealed record DeviceSnapshot([property: Id(0)] long Version, [property: Id(1)] ImmutableArray<DeviceReport> Devices);
