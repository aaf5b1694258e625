namespace Splitwiser.Gpu.Phases;

/// <summary>The device did not take a call; nothing was leased or changed.</summary>
public sealed class DeviceRefusedException(DeviceRefusal reason, string message, TimeSpan? retryAfter = null) : Exception(message)
{
    public DeviceRefusal Reason { get; } = reason;

    /// <summary>For <see cref="DeviceRefusal.QueueFull"/>: when the queue will have moved on, estimated.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

public enum DeviceRefusal
{
    /// <summary>The request contradicts itself or names tokens that the model lacks.</summary>
    Invalid,

    /// <summary>The runner can't do what the request asks for.</summary>
    Unserved,

    /// <summary>The prompt leaves no room for a token in the context.</summary>
    TooLong,

    /// <summary>The prompt needs more pages than the device has.</summary>
    NeverFits,

    QueueFull,

    /// <summary>Pinned prefixes would take more pages than they may.</summary>
    PinLimit,

    Draining,
    Closed,

    /// <summary>The lease is gone, or was never given out.</summary>
    UnknownLease,

    /// <summary>The lease is of an older incarnation of the device.</summary>
    StaleLease,
}
