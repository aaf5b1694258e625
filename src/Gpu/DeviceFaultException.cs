namespace Splitwiser.Gpu;

/// <summary>The device failed: it is closed, and every request on it fails over or gets a typed error.</summary>
public sealed class DeviceFaultException(string message, Exception? inner = null) : Exception(message, inner);
