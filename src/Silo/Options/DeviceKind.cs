namespace Splitwiser.Silo.Options;

/// <summary>What a silo computes on.</summary>
public enum DeviceKind
{
    /// <summary>This machine's GPUs if it has any that can serve the model, otherwise its CPU.</summary>
    Auto,

    Cpu,

    /// <summary>NVIDIA GPUs; without one the silo doesn't start.</summary>
    Cuda,

    /// <summary>Nothing: the silo takes requests and sends them to devices of other silos.</summary>
    None,
}
