using System.Collections.Immutable;

namespace Splitwiser.Grains;

/// <summary>The directory's soft state: the last report of every silo and when it came.</summary>
/// <remarks>Times are spans since any fixed moment.</remarks>
/// <param name="expiry">A silo that is silent for longer is struck off.</param>
internal sealed class DeviceRoll(TimeSpan expiry)
{
    private readonly SortedDictionary<string, (SiloReport Report, TimeSpan At)> silos = new(StringComparer.Ordinal);
    private long version;

    public void Enter(SiloReport report, TimeSpan now)
    {
        silos[report.Silo] = (report, now);
        version++;
    }

    /// <summary>The devices of the silos that reported within the expiry and are not leaving, by silo.</summary>
    public DeviceSnapshot At(TimeSpan now)
    {
        foreach (var silent in silos.Where(silo => now - silo.Value.At > expiry).Select(silo => silo.Key).ToList())
        {
            silos.Remove(silent);
            version++;
        }

        return new(version, [.. silos.Values
            .Where(silo => !silo.Report.Leaving)
            .SelectMany(silo => silo.Report.Devices.Select(device => device with { Age = now - silo.At }))]);
    }
}
