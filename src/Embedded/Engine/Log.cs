using Microsoft.Extensions.Logging;

namespace Splitwiser.Embedded;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Error, Message = "A turn of {Grain} failed")]
    public static partial void TurnFailed(this ILogger log, Exception error, GrainId grain);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Grain} failed in its deactivation")]
    public static partial void DeactivationFailed(this ILogger log, Exception error, GrainId grain);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A stream of {Grain} was not closed cleanly")]
    public static partial void StreamNotClosed(this ILogger log, Exception error, GrainId grain);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lifecycle observer {Observer} failed to stop at stage {Stage}")]
    public static partial void StopFailed(this ILogger log, Exception error, string observer, int stage);
}
