using Orleans;

namespace Splitwiser;

/// <summary>A device can't be opened, drained, removed or checked now. Nothing has changed.</summary>
[GenerateSerializer, Alias("splitwiser.DeviceControlException")]
public sealed class DeviceControlException : Exception
{
    public DeviceControlException(ControlRefusal reason, string message) : base(message) => Reason = reason;

    [Id(0)] public ControlRefusal Reason { get; private set; }
}

public enum ControlRefusal
{
    /// <summary>The silo has no such device.</summary>
    Unknown,

    /// <summary>The device's state doesn't allow it.</summary>
    WrongState,

    /// <summary>An argument is out of range.</summary>
    Invalid,

    /// <summary>The silo has no hardware for one more device.</summary>
    NoMore,
}
