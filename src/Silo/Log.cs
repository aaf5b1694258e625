namespace Splitwiser.Silo;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "A request on {Path} failed.")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string path);

    [LoggerMessage(2, LogLevel.Error, "A stream on {Path} failed in its middle.")]
    public static partial void StreamFailed(ILogger logger, Exception exception, string path);

    [LoggerMessage(9, LogLevel.Warning, "A request on {Path} was lost: {Reason}")]
    public static partial void RequestLost(ILogger logger, string path, string reason);

    [LoggerMessage(3, LogLevel.Information, "Shutting down: {Running} running requests may take {Seconds} s to end; new ones are refused.")]
    public static partial void Draining(ILogger logger, int running, double seconds);

    [LoggerMessage(5, LogLevel.Information, "Serving on the CPU: {Reason}")]
    public static partial void NoGpu(ILogger logger, string reason);

    [LoggerMessage(6, LogLevel.Information, "GPU {Ordinal}, {Name}, {Memory} MiB: loading {Weights} MiB of weights.")]
    public static partial void GpuLoading(ILogger logger, int ordinal, string name, long memory, long weights);

    [LoggerMessage(7, LogLevel.Information, "GPU {Ordinal}, {Name}: ready after {Seconds:F1} s, {Pages} pages of {PageSize} KiB.")]
    public static partial void GpuReady(ILogger logger, int ordinal, string name, double seconds, int pages, long pageSize);

    [LoggerMessage(8, LogLevel.Warning, "GPU {Ordinal}, {Name}: its phases share it without splits of its multiprocessors. {Problem}")]
    public static partial void GpuNotSplit(ILogger logger, int ordinal, string name, string problem);

    [LoggerMessage(4, LogLevel.Warning, "The shutdown timeout is over: what still runs is cut.")]
    public static partial void DrainCut(ILogger logger);
}
