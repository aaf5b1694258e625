using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Splitwiser.Models;

/// <summary>
/// Sixteen float lanes, on every machine: wider or narrower registers change the speed, never a bit. Sums are taken in one
/// fixed order (halves folded onto each other), and <see cref="Exp"/> is built of exactly rounded operations only.
/// </summary>
internal static unsafe class Lanes
{
    public const int Width = 16;

    /// <summary>Rounded up to whole vectors.</summary>
    public static int Padded(int count) => (count + Width - 1) / Width * Width;

    /// <summary>The first <paramref name="count"/> lanes from memory, the others 0; nothing past them is read.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]      // keeps the address-taken local out of the loops that call it
    public static Vector512<float> LoadPart(float* source, int count)
    {
        var lanes = Vector512<float>.Zero;
        new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(&lanes, Width));
        return lanes;
    }

    /// <summary>Sixteen lanes, or only the first <paramref name="left"/> when fewer are left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source, int left) => left >= Width ? Vector512.Load(source) : LoadPart(source, left);

    /// <summary>Stores sixteen lanes, or only the first <paramref name="left"/> when fewer are left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> lanes, float* destination, int left)
    {
        if (left >= Width) lanes.Store(destination);
        else StorePart(lanes, destination, left);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StorePart(Vector512<float> lanes, float* destination, int count) =>
        new ReadOnlySpan<float>(&lanes, count).CopyTo(new Span<float>(destination, count));

    /// <summary>Sum of all lanes: 16 folded to 8, 4, 2, 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> x)
    {
        var four = Fold(x);
        var two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two.ToScalar() + two.GetElement(1);
    }

    /// <summary><see cref="Sum"/> of four vectors at once, with the same bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sums(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        var fours = Vector512.Create(Vector256.Create(Fold(a), Fold(b)), Vector256.Create(Fold(c), Fold(d)));
        var twos = fours + Vector512.Shuffle(fours, Vector512.Create(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
        var ones = twos + Vector512.Shuffle(twos, Vector512.Create(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
        return Vector512.Shuffle(ones, Vector512.Create(0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12)).GetLower().GetLower();
    }

    /// <summary>Largest lane; no lane may be NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(Vector512<float> x)
    {
        var eight = Vector256.Max(x.GetLower(), x.GetUpper());
        var four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        return MathF.Max(MathF.Max(four.ToScalar(), four.GetElement(1)), MathF.Max(four.GetElement(2), four.GetElement(3)));
    }

    /// <summary>
    /// e^x to about one unit in the last place: x = n ln 2 + r with |r| up to ln(2)/2, and the Taylor series of e^r to r^7.
    /// Below -87.3 it is 0 (no denormals), above 88.3 infinity; NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        const float low = -87.3f, high = 88.3f;
        const float rounding = 12582912f;                               // 1.5 * 2^23: adding it leaves the nearest integer in the low bits
        const float ln2High = 0.693359375f, ln2Low = -2.12194440e-4f;   // ln 2 = high + low; n * high is exact

        var shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(1.44269504f), Vector512.Create(rounding));
        var n = shifted - Vector512.Create(rounding);
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-ln2High), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-ln2Low), r);

        var p = Vector512.Create(1f / 5040);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 720));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 120));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 24));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 6));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);

        var power = (shifted.AsInt32() << 23) + Vector512.Create(127 << 23);
        var result = p * power.AsSingle();
        result = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(low)), Vector512<float>.Zero, result);
        result = Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(high)), Vector512.Create(float.PositiveInfinity), result);
        return Vector512.ConditionalSelect(Vector512.Equals(x, x), result, x);
    }

    /// <summary>The hyperbolic tangent, to about 1e-7: 1 - 2 / (1 + e^2x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x) =>
        Vector512<float>.One - Vector512.Create(2f) / (Vector512<float>.One + Exp(x + x));

    /// <summary>
    /// The normal distribution's probability of less than x, to 1e-7: erfc by formula 7.1.26 of Abramowitz and Stegun's Handbook of
    /// Mathematical Functions.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Normal(Vector512<float> x)
    {
        var z = Vector512.Abs(x) * Vector512.Create(0.707106781f);
        var t = Vector512<float>.One / Vector512.FusedMultiplyAdd(z, Vector512.Create(0.3275911f), Vector512<float>.One);
        var p = Vector512.Create(1.061405429f);
        p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(-1.453152027f));
        p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(1.421413741f));
        p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(-0.284496736f));
        p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(0.254829592f));
        var tail = Vector512.Create(0.5f) * p * t * Exp(-z * z);
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), tail, Vector512<float>.One - tail);
    }

    /// <summary><see cref="Exp(Vector512{float})"/> of one number, with the same bits.</summary>
    public static float Exp(float x) => Exp(Vector512.CreateScalar(x)).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Fold(Vector512<float> x)
    {
        var eight = x.GetLower() + x.GetUpper();
        return eight.GetLower() + eight.GetUpper();
    }
}
