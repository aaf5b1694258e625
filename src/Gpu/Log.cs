using Microsoft.Extensions.Logging;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Gpu;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Critical, "{Device} failed and is closed.")]
    public static partial void DeviceFailed(ILogger logger, Exception exception, string device);

    [LoggerMessage(2, LogLevel.Information, "{Device}: mode {Mode}, its phases share it by {Mechanisms}; {Pages} pages, context of {ContextLength} tokens.")]
    public static partial void DeviceStarted(ILogger logger, string device, PhaseMode mode, string mechanisms, int pages, int contextLength);

    [LoggerMessage(3, LogLevel.Debug, "{Device}: the phases share it by {Sharing} now, up to {PrefillTokens} prompt tokens a step.")]
    public static partial void SharingChanged(ILogger logger, string device, Mechanism sharing, int prefillTokens);

    [LoggerMessage(4, LogLevel.Debug, "{Device}: chosen beside {Rows} rows of {Context} tokens with {Waiting} prompt tokens waiting, by what is known: {Costs}.")]
    public static partial void ChosenBy(ILogger logger, string device, int rows, long context, long waiting, string costs);
}
