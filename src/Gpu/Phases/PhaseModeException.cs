namespace Splitwiser.Gpu.Phases;

/// <summary>The mode was asked for by name and the device has no mechanism for it: the worker doesn't start.</summary>
public sealed class PhaseModeException(PhaseMode mode, string message) : Exception(message)
{
    public PhaseModeException(PhaseMode mode, RunnerInfo runner)
        : this(mode, $"{runner.DeviceName} can't run mode {mode}; it can run {string.Join(", ", runner.Modes.Order())}.{(mode == PhaseMode.Partition && runner.SplitProblem is { } problem ? $" {problem}" : "")}")
    {
    }

    public PhaseMode Mode { get; } = mode;

    internal static PhaseModeException NoSplit(RunnerInfo runner, int decode) =>
        new(PhaseMode.Partition, $"{runner.DeviceName} has no split that leaves decode {decode} multiprocessors or more; it has {string.Join(", ", runner.Splits)} (decode/prefill).");
}
