namespace Splitwiser.Gpu.Phases;

/// <summary>Main memory behind the pool was asked for and the device has none, or nothing to keep there: the worker doesn't start.</summary>
public sealed class HostTierException(string message) : Exception(message);
