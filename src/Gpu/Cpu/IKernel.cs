namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// One operation of the model with its arguments, as a kernel launch is on a GPU: a grid of parts that touch different outputs,
/// so they may run in any order and on any thread with the same bits. Parts must not change the struct.
/// </summary>
internal interface IKernel
{
    /// <summary>Size of the grid. It depends on shapes only, never on the number of threads.</summary>
    int Parts { get; }

    /// <summary>Computes part <paramref name="index"/>.</summary>
    void Part(int index);
}
