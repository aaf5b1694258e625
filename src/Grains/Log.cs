using Microsoft.Extensions.Logging;

namespace Splitwiser.Grains;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Warning, "{Loss}")]
    public static partial void DeviceLost(this ILogger log, string loss);

    [LoggerMessage(LogLevel.Warning, "{Device} could not be told to end a sequence and will find out itself: {Reason}")]
    public static partial void NotTold(this ILogger log, string device, string reason);

    [LoggerMessage(LogLevel.Information, "{Device}: {Model} on {Hardware} with {Memory} MiB, {Pages} pages, mode {Mode}")]
    public static partial void DeviceOpened(this ILogger log, string device, string model, string hardware, long memory, int pages, string mode);


    [LoggerMessage(LogLevel.Error, "{Device} could not be opened: {Reason}")]
    public static partial void DeviceNotOpened(this ILogger log, Exception error, string device, string reason);

    [LoggerMessage("{Device} is {State}. {Reason}")]
    public static partial void DeviceMoved(this ILogger log, LogLevel level, string device, DeviceState state, string? reason);

    [LoggerMessage(LogLevel.Warning, "The device directory did not answer a heartbeat: {Reason}")]
    public static partial void HeartbeatFailed(this ILogger log, string reason);

    [LoggerMessage(LogLevel.Warning, "The silo stops before its devices and streams have run out")]
    public static partial void NotDrained(this ILogger log);
}
