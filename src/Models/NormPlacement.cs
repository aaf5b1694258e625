namespace Splitwiser.Models;

/// <summary>Where a layer normalizes. A block f is its attention or its MLP, x the residual stream.</summary>
public enum NormPlacement
{
    /// <summary>x + f(norm(x))</summary>
    Before,

    /// <summary>norm(x + f(x))</summary>
    After,

    /// <summary>x + outputNorm(f(norm(x)))</summary>
    Around,
}
