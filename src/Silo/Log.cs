namespace Splitwiser.Silo;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "A request on {Path} failed.")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string path);

    [LoggerMessage(2, LogLevel.Error, "A stream on {Path} failed in its middle.")]
    public static partial void StreamFailed(ILogger logger, Exception exception, string path);
}
