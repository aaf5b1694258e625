namespace Splitwiser.Silo;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "A request on {Path} failed.")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string path);

    [LoggerMessage(2, LogLevel.Error, "A stream on {Path} failed in its middle.")]
    public static partial void StreamFailed(ILogger logger, Exception exception, string path);

    [LoggerMessage(3, LogLevel.Information, "Shutting down: {Running} running requests may take {Seconds} s to end; new ones are refused.")]
    public static partial void Draining(ILogger logger, int running, double seconds);

    [LoggerMessage(4, LogLevel.Warning, "The shutdown timeout is over: what still runs is cut.")]
    public static partial void DrainCut(ILogger logger);
}
