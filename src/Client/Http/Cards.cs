using System.Collections.Immutable;

namespace Splitwiser.Client.Http;

/// <summary>The answer of GET /v1/models.</summary>
internal sealed record ModelCards(ImmutableArray<ModelCard> Data);

/// <param name="MaxModelLen">Longest prompt and answer together, in tokens; not every server tells.</param>
/// <param name="Root">Where the model was loaded from.</param>
internal sealed record ModelCard(string Id, int? MaxModelLen = null, string? Root = null);

/// <summary>The answer of GET /api/devices.</summary>
internal sealed record DeviceCards(ImmutableArray<DeviceCard> Devices);

/// <summary>One device of the cluster, as its silo last reported it.</summary>
/// <param name="Device">"silo/index".</param>
/// <param name="Multiprocessors">0 where it has none.</param>
/// <param name="QueuedTokens">Prompt tokens that are not computed yet.</param>
/// <param name="AgeSeconds">Since the report.</param>
internal sealed record DeviceCard(
    string Device, string Hardware, long MemoryBytes, int Multiprocessors, string Model, int MaxModelLen, string Mode, bool Open,
    int Running, int Waiting, int QueuedTokens, PageCard Pages, double AgeSeconds)
{
    public static DeviceCard Of(DeviceReport report) => new(
        report.Device, report.Hardware, report.MemoryBytes, report.Multiprocessors, report.Model, report.MaxModelLength, report.Mode.ToLowerInvariant(), report.Open,
        report.Running, report.Waiting, report.QueuedTokens,
        new(report.Pages.Free, report.Pages.Leased, report.Pages.Cached, report.Pages.Total), report.Age.TotalSeconds);
}

/// <summary>Free + Leased + Cached = Total.</summary>
internal sealed record PageCard(int Free, int Leased, int Cached, int Total);
