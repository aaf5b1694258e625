using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>An <see cref="Activation"/> on sixteen lanes.</summary>
internal interface IActivationFunction
{
    static abstract Vector512<float> Of(Vector512<float> x);
}

internal readonly struct Silu : IActivationFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x) => x / (Vector512<float>.One + Lanes.Exp(-x));
}

/// <summary>(1 + tanh(u)) / 2 = 1 / (1 + e^-2u).</summary>
internal readonly struct GeluTanh : IActivationFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x)
    {
        var u = Vector512.Create(-2 * 0.797884561f) * (x + Vector512.Create(0.044715f) * x * x * x);
        return x / (Vector512<float>.One + Lanes.Exp(u));
    }
}

internal readonly struct Gelu : IActivationFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x) => x * Lanes.Normal(x);
}

internal readonly struct Relu : IActivationFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x) => Vector512.Max(x, Vector512<float>.Zero);
}
