using Orleans;

namespace Splitwiser;

/// <summary>The device can't be asked any more: its silo is not in the cluster, or it failed, drains or was closed. A request goes on elsewhere.</summary>
[GenerateSerializer, Alias("splitwiser.DeviceGoneException")]
public sealed class DeviceGoneException : Exception
{
    public DeviceGoneException(string device, string message) : base($"{device}: {message}") => Device = device;

    /// <summary>"silo/index".</summary>
    [Id(0)] public string Device { get; private set; }
}
