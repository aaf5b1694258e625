
namespace Splitwiser.Grains;

/// <summary>A device did not answer, or answered that it is gone. Stays inside a request grain, which goes on elsewhere.</summary>
internal sealed class DeviceLostException(string device, Exception cause) : Exception($"{device} is lost: {cause.Message}", cause)
{
    public string Device { get; } = device;

    /// <summary>
    /// Whether a failed call means that the device is lost. The ways to say so: its door does; its silo can't be reached;
    /// nothing came in time; its stream was cut, which a silo that goes down may also say as a cancellation that nobody here asked for.
    /// </summary>
    public static bool IsMeantBy(Exception error, CancellationToken ours) => error switch
    {
        DeviceLostException or DeviceGoneException or OrleansException or TimeoutException or EnumerationAbortedException => true,
        LeaseGoneException lease => lease.Loss == LeaseLoss.Unknown,
        OperationCanceledException => !ours.IsCancellationRequested,
        _ => false,
    };
}
