using Splitwiser.Gpu.Cpu;
using Splitwiser.Models;

namespace Splitwiser.Device.Tests.Cpu;

/// <summary>Native operands for one kernel: random numbers in, poison where the kernel must write.</summary>
internal sealed unsafe class OpRig(int seed) : IDisposable
{
    private readonly NativeArena arena = new();

    public Random Random { get; } = new(seed);

    /// <summary>Numbers in -1 .. 1.</summary>
    public float* Numbers(int count)
    {
        var numbers = arena.Floats(count);
        for (var i = 0; i < count; i++) numbers[i] = Random.NextSingle() * 2 - 1;
        return numbers;
    }

    public float* Poison(int count)
    {
        var numbers = arena.Floats(count);
        new Span<float>(numbers, count).Fill(float.NaN);
        return numbers;
    }

    /// <summary>A matrix of random weights at an odd address.</summary>
    public Matrix Matrix(int outputs, int inputs, ElementType type, bool bias = false)
    {
        var values = Numbers(outputs * inputs);
        var data = (byte*)Poison(outputs * inputs + 1) + 1;
        for (var i = 0; i < outputs * inputs; i++)
        {
            if (type == ElementType.F32) new ReadOnlySpan<byte>(values + i, 4).CopyTo(new Span<byte>(data + i * 4, 4));
            else new ReadOnlySpan<byte>((byte*)(values + i) + 2, 2).CopyTo(new Span<byte>(data + i * 2, 2));     // cut, not rounded: some bf16
        }
        return new Matrix(data, type, outputs, inputs, bias ? Numbers(outputs) : null);
    }

    public static double Weight(in Matrix matrix, int output, int input)
    {
        var index = output * matrix.Inputs + input;
        return matrix.Type == ElementType.F32 ? Single32.LoadOne(matrix.Data + index * 4) : Brain16.LoadOne(matrix.Data + index * 2);
    }

    /// <summary>Runs all parts, last first: their order must not matter.</summary>
    public static void Run<TKernel>(TKernel kernel) where TKernel : struct, IKernel
    {
        for (var part = kernel.Parts - 1; part >= 0; part--) kernel.Part(part);
    }

    public void Dispose() => arena.Dispose();
}
