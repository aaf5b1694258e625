using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>A query under way through the pages: maximum and sum of the online softmax, and the output before division by the sum.</summary>
/// <param name="query">(d)</param>
/// <param name="output">(d padded to whole vectors) zeros at first.</param>
/// <param name="from">First position it sees.</param>
/// <param name="to">One past the last.</param>
internal unsafe struct QueryState(float* query, float* output, int from, int to)
{
    public readonly float* Query = query, Output = output;
    public readonly int From = from, To = to;
    public float Maximum = float.NegativeInfinity, Sum = 0;
}

/// <summary>
/// One page of one kv head against one query or four; each query's arithmetic is the same in both. Layout as in <see cref="KvPages"/>.
/// </summary>
internal readonly unsafe ref struct AttentionTile(float* keys, float* values, int headSize, int start)
{
    public const int Queries = 4;
    private const int Size = PageId.Size;

    /// <summary>All queries from the first to the last see the whole page (their ranges ascend).</summary>
    public bool IsWhole(in QueryState first, in QueryState last) => first.To >= start + Size && last.From <= start;

    /// <summary>Adds the positions that the query sees; nothing when it sees none.</summary>
    public void AddOne(QueryState* state)
    {
        var (from, to) = (Math.Max(state->From - start, 0), Math.Min(state->To - start, Size));
        if (from >= to) return;

        var (low, high) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i < headSize; i++)
        {
            var q = Vector512.Create(state->Query[i]);
            low = Vector512.FusedMultiplyAdd(q, Vector512.Load(keys + i * Size), low);
            high = Vector512.FusedMultiplyAdd(q, Vector512.Load(keys + i * Size + Lanes.Width), high);
        }

        var weights = stackalloc float[Size];
        var rescale = Vector512.Create(Weigh(state, low, high, from, to, weights));
        for (var i = 0; i < headSize; i += Lanes.Width)
        {
            var sum = Vector512.Load(state->Output + i) * rescale;
            for (var token = from; token < to; token++)
                sum = Vector512.FusedMultiplyAdd(Vector512.Create(weights[token]), Vector512.Load(values + token * ValueStride + i), sum);
            sum.Store(state->Output + i);
        }
    }

    /// <summary>Adds the whole page to four queries.</summary>
    public void AddFour(QueryState* states)
    {
        var (low0, low1, low2, low3) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        var (high0, high1, high2, high3) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        var (q0, q1, q2, q3) = ((nint)states[0].Query, (nint)states[1].Query, (nint)states[2].Query, (nint)states[3].Query);
        for (var i = 0; i < headSize; i++)
        {
            var (low, high) = (Vector512.Load(keys + i * Size), Vector512.Load(keys + i * Size + Lanes.Width));
            var q = Vector512.Create(((float*)q0)[i]);
            (low0, high0) = (Vector512.FusedMultiplyAdd(q, low, low0), Vector512.FusedMultiplyAdd(q, high, high0));
            q = Vector512.Create(((float*)q1)[i]);
            (low1, high1) = (Vector512.FusedMultiplyAdd(q, low, low1), Vector512.FusedMultiplyAdd(q, high, high1));
            q = Vector512.Create(((float*)q2)[i]);
            (low2, high2) = (Vector512.FusedMultiplyAdd(q, low, low2), Vector512.FusedMultiplyAdd(q, high, high2));
            q = Vector512.Create(((float*)q3)[i]);
            (low3, high3) = (Vector512.FusedMultiplyAdd(q, low, low3), Vector512.FusedMultiplyAdd(q, high, high3));
        }

        var weights = stackalloc float[Queries * Size];
        var rescale0 = Weigh(states, low0, high0, 0, Size, weights);
        var rescale1 = Weigh(states + 1, low1, high1, 0, Size, weights + Size);
        var rescale2 = Weigh(states + 2, low2, high2, 0, Size, weights + 2 * Size);
        var rescale3 = Weigh(states + 3, low3, high3, 0, Size, weights + 3 * Size);
        for (var i = 0; i < headSize; i += Lanes.Width)
        {
            var sum0 = Vector512.Load(states[0].Output + i) * Vector512.Create(rescale0);
            var sum1 = Vector512.Load(states[1].Output + i) * Vector512.Create(rescale1);
            var sum2 = Vector512.Load(states[2].Output + i) * Vector512.Create(rescale2);
            var sum3 = Vector512.Load(states[3].Output + i) * Vector512.Create(rescale3);
            for (var token = 0; token < Size; token++)
            {
                var value = Vector512.Load(values + token * ValueStride + i);
                sum0 = Vector512.FusedMultiplyAdd(Vector512.Create(weights[token]), value, sum0);
                sum1 = Vector512.FusedMultiplyAdd(Vector512.Create(weights[Size + token]), value, sum1);
                sum2 = Vector512.FusedMultiplyAdd(Vector512.Create(weights[2 * Size + token]), value, sum2);
                sum3 = Vector512.FusedMultiplyAdd(Vector512.Create(weights[3 * Size + token]), value, sum3);
            }
            sum0.Store(states[0].Output + i);
            sum1.Store(states[1].Output + i);
            sum2.Store(states[2].Output + i);
            sum3.Store(states[3].Output + i);
        }
    }

    private int ValueStride => Lanes.Padded(headSize);

    /// <summary>Turns 32 products q . k into weights e^(score - maximum), 0 outside from .. to, and takes them into maximum and sum.</summary>
    /// <returns>The factor by which what was added before must shrink.</returns>
    private float Weigh(QueryState* state, Vector512<float> low, Vector512<float> high, int from, int to, float* weights)
    {
        var scale = Vector512.Create(1 / MathF.Sqrt(headSize));
        low = Mask(low * scale, from, to);
        high = Mask(high * scale, from - Lanes.Width, to - Lanes.Width);
        var maximum = MathF.Max(state->Maximum, Lanes.Max(Vector512.Max(low, high)));
        low = Lanes.Exp(low - Vector512.Create(maximum));
        high = Lanes.Exp(high - Vector512.Create(maximum));
        low.Store(weights);
        high.Store(weights + Lanes.Width);
        var rescale = Lanes.Exp(state->Maximum - maximum);
        state->Sum = MathF.FusedMultiplyAdd(state->Sum, rescale, Lanes.Sum(low + high));
        state->Maximum = maximum;
        return rescale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Mask(Vector512<float> scores, int from, int to)
    {
        var tokens = Vector512<int>.Indices;
        var seen = Vector512.GreaterThanOrEqual(tokens, Vector512.Create(from)) & Vector512.LessThan(tokens, Vector512.Create(to));
        return Vector512.ConditionalSelect(seen.AsSingle(), scores, Vector512.Create(float.NegativeInfinity));
    }
}
