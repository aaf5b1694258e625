using Microsoft.Extensions.Logging;

namespace Splitwiser.Grains;

/// <summary>What a silo's devices are made with.</summary>
internal sealed record DeviceFactory(DeviceSet Devices, GrainOptions Options, TimeProvider Time, ILogger Log);
