using Microsoft.Extensions.Logging;

namespace Splitwiser.Gpu;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Critical, "{Device} failed and is closed.")]
    public static partial void DeviceFailed(ILogger logger, Exception exception, string device);
}
