namespace Splitwiser.Gpu;

/// <summary>A lane of a device: one per phase, each with its own stream, arena and workspace. Lanes run side by side.</summary>
public enum Lane
{
    Prefill,
    Decode,
}
