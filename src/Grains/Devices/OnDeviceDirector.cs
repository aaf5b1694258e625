using Orleans.Runtime.Placement;

namespace Splitwiser.Grains;

/// <summary>Finds a device's silo by its name. A restarted silo has its old name again, and the dead one stays listed: the active one counts.</summary>
internal sealed class OnDeviceDirector(IClusterMembershipService membership) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var key = target.GrainIdentity.Key.ToString() ?? "";
        var silo = DeviceKey.TryParse(key, out var device)
            ? membership.CurrentSnapshot.Members.Values
                .Where(member => member.Status == SiloStatus.Active && member.Name == device.Silo)
                .MaxBy(member => member.SiloAddress.Generation)
            : null;
        return silo is null
            ? Task.FromException<SiloAddress>(new DeviceGoneException(key, "no silo of that name is active."))
            : Task.FromResult(silo.SiloAddress);
    }
}
