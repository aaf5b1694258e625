namespace Splitwiser.Embedded;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The code of {Grain} failed outside of a call")]
    public static partial void GrainCodeFailed(this ILogger log, Exception error, GrainId grain);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A stream of {Grain} was not closed")]
    public static partial void StreamNotClosed(this ILogger log, Exception error, GrainId grain);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Observer} failed to stop at stage {Stage}")]
    public static partial void StopFailed(this ILogger log, Exception error, string observer, int stage);
}
