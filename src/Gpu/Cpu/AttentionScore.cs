using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>How a product q . k becomes a score: times a scale, then softly capped where there is a cap c: c tanh(s / c).</summary>
internal readonly record struct AttentionScore(float Scale, float? Cap)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Of(Vector512<float> product)
    {
        var score = product * Vector512.Create(Scale);
        return Cap is { } cap ? Vector512.Create(cap) * Lanes.Tanh(score / Vector512.Create(cap)) : score;
    }
}
