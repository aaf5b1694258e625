namespace Splitwiser.Gpu.Phases;

/// <summary>The mode was asked for by name and the device has no mechanism for it: the worker doesn't start.</summary>
public sealed class PhaseModeException(PhaseMode mode, RunnerInfo runner)
    : Exception($"{runner.DeviceName} can't run mode {mode}; it can run {string.Join(", ", runner.Modes.Order())}.")
{
    public PhaseMode Mode { get; } = mode;
}
