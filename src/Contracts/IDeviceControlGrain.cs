using Orleans;

namespace Splitwiser;

/// <summary>
/// Opens, drains and removes one device while its silo serves. Key "silo/index". Each call but <see cref="Check"/> answers at once, with
/// what it has begun; <see cref="Status"/> tells how far it is.
/// </summary>
/// <remarks>All calls throw <see cref="DeviceGoneException"/> when no silo of that name is up, and <see cref="DeviceControlException"/> when it can't be done.</remarks>
[Alias("splitwiser.IDeviceControlGrain")]
public interface IDeviceControlGrain : IGrainWithStringKey
{
    [Alias("Status")]
    Task<DeviceStatus> Status(CancellationToken cancellationToken = default);

    /// <summary>Takes nothing new, lets what runs end, then gives the memory back. Of a device that drains already, shortens the time.</summary>
    /// <param name="within">What runs longer goes on on another device; null to wait for as long as it takes.</param>
    [Alias("Drain")]
    Task<DeviceStatus> Drain(TimeSpan? within = null, CancellationToken cancellationToken = default);

    /// <summary>Opens a device that is closed or has failed, or the silo's next one: one index further, where its hardware allows one more.</summary>
    [Alias("Open")]
    Task<DeviceStatus> Open(CancellationToken cancellationToken = default);

    /// <summary>Strikes a device that is closed or has failed off the silo's list.</summary>
    [Alias("Remove")]
    Task<DeviceStatus> Remove(CancellationToken cancellationToken = default);

    /// <summary>Has the device compute what is known. One that fails is closed, and its requests go on elsewhere.</summary>
    [Alias("Check"), ResponseTimeout("00:05:00")]
    Task<SelfCheck> Check(CancellationToken cancellationToken = default);
}
