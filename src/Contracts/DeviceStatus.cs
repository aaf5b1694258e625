using Orleans;

namespace Splitwiser;

/// <summary>A device as its own silo sees it now.</summary>
/// <param name="Device">"silo/index".</param>
/// <param name="Reason">Why it is not open; null where nothing is to be said.</param>
/// <param name="Running">Sequences that hold pages.</param>
/// <param name="Waiting">Sequences that wait for pages.</param>
[GenerateSerializer, Immutable, Alias("splitwiser.DeviceStatus")]
public sealed record DeviceStatus(
    [property: Id(0)] string Device,
    [property: Id(1)] DeviceState State,
    [property: Id(2)] string? Reason,
    [property: Id(3)] int Running,
    [property: Id(4)] int Waiting);

/// <summary>What a device made of a small known computation.</summary>
/// <param name="Flaw">What was wrong with it; null when it passed.</param>
[GenerateSerializer, Immutable, Alias("splitwiser.SelfCheck")]
public sealed record SelfCheck(
    [property: Id(0)] string Device,
    [property: Id(1)] string? Flaw,
    [property: Id(2)] TimeSpan Took)
{
    public bool Passed => Flaw is null;
}
