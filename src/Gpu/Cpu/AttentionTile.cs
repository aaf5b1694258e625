using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// One page of one kv head against one to four queries that see the same positions of it. Each query's arithmetic is the same whatever
/// stands beside it: products add up along d, values of even and of odd positions separately. Layout as in <see cref="KvPages"/>.
/// </summary>
/// <param name="from">First position of the page that they see, 0 to 31.</param>
/// <param name="to">One past the last, 1 to 32.</param>
internal readonly unsafe ref struct AttentionTile(float* keys, float* values, int headSize, AttentionScore score, int from, int to)
{
    public const int Queries = 4;
    private const int Size = PageId.Size;

    /// <summary>Takes the page into the states of <paramref name="count"/> queries.</summary>
    /// <param name="spare">Room for one more output: missing queries repeat the last, and end there.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(QueryState* states, int count, float* spare)
    {
        QueryState* s0 = states, s1 = states + Math.Min(1, count - 1), s2 = states + Math.Min(2, count - 1), s3 = states + Math.Min(3, count - 1);
        var weights = stackalloc float[Queries * Size];
        Multiply(s0->Query, s1->Query, s2->Query, s3->Query, weights);
        for (var i = 0; i < count; i++) Weigh(states + i, weights + i * Size);

        float* y0 = s0->Output, y1 = count > 1 ? s1->Output : spare, y2 = count > 2 ? s2->Output : spare, y3 = count > 3 ? s3->Output : spare;
        nint stride = Lanes.Padded(headSize);
        for (nint i = 0; i < headSize; i += Lanes.Width)
        {
            var (even0, odd0) = (Vector512.Load(y0 + i) * Vector512.Create(s0->Rescale), Vector512<float>.Zero);
            var (even1, odd1) = (Vector512.Load(y1 + i) * Vector512.Create(s1->Rescale), Vector512<float>.Zero);
            var (even2, odd2) = (Vector512.Load(y2 + i) * Vector512.Create(s2->Rescale), Vector512<float>.Zero);
            var (even3, odd3) = (Vector512.Load(y3 + i) * Vector512.Create(s3->Rescale), Vector512<float>.Zero);
            nint token = from;
            var value = values + i + token * stride;
            if (token % 2 != 0)
            {
                Add(value, weights + token++, ref odd0, ref odd1, ref odd2, ref odd3);
                value += stride;
            }
            for (; token + 1 < to; token += 2, value += 2 * stride)
            {
                Add(value, weights + token, ref even0, ref even1, ref even2, ref even3);
                Add(value + stride, weights + token + 1, ref odd0, ref odd1, ref odd2, ref odd3);
            }
            if (token < to) Add(value, weights + token, ref even0, ref even1, ref even2, ref even3);
            (even0 + odd0).Store(y0 + i);
            (even1 + odd1).Store(y1 + i);
            (even2 + odd2).Store(y2 + i);
            (even3 + odd3).Store(y3 + i);
        }
    }

    /// <summary>Sixteen numbers of one position's value, times its weight for each query.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        float* value, float* weight, ref Vector512<float> sum0, ref Vector512<float> sum1, ref Vector512<float> sum2, ref Vector512<float> sum3)
    {
        var lanes = Vector512.Load(value);
        sum0 = Vector512.FusedMultiplyAdd(lanes, Vector512.Create(weight[0]), sum0);
        sum1 = Vector512.FusedMultiplyAdd(lanes, Vector512.Create(weight[Size]), sum1);
        sum2 = Vector512.FusedMultiplyAdd(lanes, Vector512.Create(weight[2 * Size]), sum2);
        sum3 = Vector512.FusedMultiplyAdd(lanes, Vector512.Create(weight[3 * Size]), sum3);
    }

    /// <summary>Products of four queries with all keys: (4, 32).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(float* q0, float* q1, float* q2, float* q3, float* products)
    {
        Vector512<float> low0 = default, low1 = default, low2 = default, low3 = default;
        Vector512<float> high0 = default, high1 = default, high2 = default, high3 = default;
        var key = keys;
        for (nint i = 0; i < headSize; i++, key += Size)
        {
            var (low, high) = (Vector512.Load(key), Vector512.Load(key + Lanes.Width));
            var q = Vector512.Create(q0[i]);
            low0 = Vector512.FusedMultiplyAdd(q, low, low0);
            high0 = Vector512.FusedMultiplyAdd(q, high, high0);
            q = Vector512.Create(q1[i]);
            low1 = Vector512.FusedMultiplyAdd(q, low, low1);
            high1 = Vector512.FusedMultiplyAdd(q, high, high1);
            q = Vector512.Create(q2[i]);
            low2 = Vector512.FusedMultiplyAdd(q, low, low2);
            high2 = Vector512.FusedMultiplyAdd(q, high, high2);
            q = Vector512.Create(q3[i]);
            low3 = Vector512.FusedMultiplyAdd(q, low, low3);
            high3 = Vector512.FusedMultiplyAdd(q, high, high3);
        }
        low0.Store(products);
        high0.Store(products + Lanes.Width);
        low1.Store(products + Size);
        high1.Store(products + Size + Lanes.Width);
        low2.Store(products + 2 * Size);
        high2.Store(products + 2 * Size + Lanes.Width);
        low3.Store(products + 3 * Size);
        high3.Store(products + 3 * Size + Lanes.Width);
    }

    /// <summary>
    /// Turns 32 products q . k into weights e^(score - maximum), 0 for positions not seen, and takes them into the query's maximum and sum.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Weigh(QueryState* state, float* weights)
    {
        var low = Mask(score.Of(Vector512.Load(weights)), 0);
        var high = Mask(score.Of(Vector512.Load(weights + Lanes.Width)), Lanes.Width);
        var maximum = MathF.Max(state->Maximum, Lanes.Max(Vector512.Max(low, high)));
        low = Lanes.Exp(low - Vector512.Create(maximum));
        high = Lanes.Exp(high - Vector512.Create(maximum));
        low.Store(weights);
        high.Store(weights + Lanes.Width);
        state->Rescale = state->Maximum == maximum ? 1 : Lanes.Exp(state->Maximum - maximum);
        state->Sum = MathF.FusedMultiplyAdd(state->Sum, state->Rescale, Lanes.Sum(low + high));
        state->Maximum = maximum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Mask(Vector512<float> scores, int first)
    {
        var positions = Vector512<int>.Indices + Vector512.Create(first);
        var seen = Vector512.GreaterThanOrEqual(positions, Vector512.Create(from)) & Vector512.LessThan(positions, Vector512.Create(to));
        return Vector512.ConditionalSelect(seen.AsSingle(), scores, Vector512.Create(float.NegativeInfinity));
    }
}
