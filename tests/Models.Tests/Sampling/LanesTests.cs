using System.Runtime.Intrinsics;

namespace Splitwiser.Models.Tests.Sampling;

public sealed class LanesTests
{
    [Fact]
    public void Exp_is_within_two_units_of_the_last_place()
    {
        for (var x = -87.0f; x < 88; x += 0.0137f)
        {
            var exact = Math.Exp(x);
            Math.Abs(Lanes.Exp(x) - exact).ShouldBeLessThan(2 * (MathF.BitIncrement((float)exact) - (float)exact), $"e^{x}");
        }
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(-1000f, 0f)]
    [InlineData(float.MinValue, 0f)]
    [InlineData(1000f, float.PositiveInfinity)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.NaN, float.NaN)]
    public void Exp_of_the_extremes(float x, float expected) => Lanes.Exp(x).ShouldBe(expected);

    [Fact]
    public void Sums_fold_halves_onto_each_other()
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 4).Select(_ => Enumerable.Range(0, 16).Select(_ => (float)(random.NextDouble() - 0.5) * MathF.Pow(10, random.Next(8))).ToArray()).ToArray();
        var sums = Lanes.Sums(Vector512.Create(rows[0]), Vector512.Create(rows[1]), Vector512.Create(rows[2]), Vector512.Create(rows[3]));
        for (var row = 0; row < 4; row++)
        {
            var folded = rows[row];
            while (folded.Length > 1) folded = [.. folded.Take(folded.Length / 2).Zip(folded.Skip(folded.Length / 2), (low, high) => low + high)];
            Lanes.Sum(Vector512.Create(rows[row])).ShouldBe(folded[0]);
            sums[row].ShouldBe(folded[0]);
        }
    }

    [Fact]
    public unsafe void Parts_of_vectors_touch_nothing_past_them()
    {
        var source = stackalloc float[] { 1, 2, 3, float.NaN };
        Vector512.Sum(Lanes.Load(source, 3)).ShouldBe(6);
        var destination = stackalloc float[] { 0, 0, 0, 9 };
        Lanes.Store(Vector512.Create(7f), destination, 3);
        new ReadOnlySpan<float>(destination, 4).ToArray().ShouldBe([7, 7, 7, 9]);
    }
}
