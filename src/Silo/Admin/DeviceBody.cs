using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Splitwiser.Silo.Admin;

/// <summary>A device as the cluster knows it.</summary>
/// <param name="State">open, opening, draining, closed or failed.</param>
/// <param name="Reason">Why it is not open.</param>
/// <param name="Age">Seconds since its silo said so.</param>
internal sealed record DeviceBody(
    string Device, string State, string? Reason, string Model, string Hardware, string Mode, long MemoryBytes,
    int Running, int Waiting, int QueuedTokens, PagesBody Pages, double Age)
{
    public static DeviceBody Of(DeviceReport report) => new(
        report.Device, StatusBody.Word(report.State), report.Reason, report.Model, report.Hardware, report.Mode.ToLowerInvariant(), report.MemoryBytes,
        report.Running, report.Waiting, report.QueuedTokens, new(report.Pages.Free, report.Pages.Leased, report.Pages.Cached, report.Pages.Total), report.Age.TotalSeconds);
}

internal sealed record PagesBody(int Free, int Leased, int Cached, int Total);

internal sealed record DeviceListBody(ImmutableArray<DeviceBody> Devices);

/// <summary>A device as its own silo sees it now.</summary>
internal sealed record StatusBody(string Device, string State, string? Reason, int Running, int Waiting)
{
    public static StatusBody Of(DeviceStatus status) => new(status.Device, Word(status.State), status.Reason, status.Running, status.Waiting);

    public static string Word(DeviceState state) => state.ToString().ToLowerInvariant();
}

/// <param name="Flaw">What was wrong; null when it passed.</param>
internal sealed record CheckBody(string Device, bool Passed, string? Flaw, double Seconds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DeviceListBody))]
[JsonSerializable(typeof(StatusBody))]
[JsonSerializable(typeof(CheckBody))]
internal sealed partial class AdminJson : JsonSerializerContext;
