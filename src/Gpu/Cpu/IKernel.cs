namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// One operation of the model with its arguments, as a kernel launch is on a GPU: a grid of parts that touch different outputs,
/// so they may run in any order and on any thread with the same bits. How the grid is cut changes no bit either.
/// </summary>
internal interface IKernel
{
    /// <summary>Size of the grid.</summary>
    int Parts { get; }

    /// <summary>Computes part <paramref name="index"/>. Parts share the struct and don't change it.</summary>
    void Part(int index);
}
