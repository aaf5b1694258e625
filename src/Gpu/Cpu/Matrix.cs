using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>A linear map as the kernels read it.</summary>
/// <param name="data">(outputs, inputs) row-major weights, F32 or BF16, aligned to nothing.</param>
/// <param name="bias">(outputs) or null.</param>
internal readonly unsafe struct Matrix(byte* data, ElementType type, int outputs, int inputs, float* bias)
{
    public byte* Data => data;
    public ElementType Type => type;
    public int Outputs => outputs;
    public int Inputs => inputs;
    public float* Bias => bias;
}
