namespace Splitwiser.Gpu.Phases;

/// <summary>A prefix that stays in a device's cache.</summary>
/// <param name="Number">Names it, for <see cref="DeviceWorker.Unpin"/>.</param>
/// <param name="Tokens">Of its full pages; what is beyond them is not kept.</param>
public sealed record PrefixPin(long Number, int Tokens, int Pages);
