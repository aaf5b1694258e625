namespace Splitwiser.Models.Tests;

public sealed class RopeConfigTests
{
    [Fact]
    public void The_plain_frequencies_are_powers_of_the_base()
    {
        // 10000^(-2i/8) = 10^-i
        var frequencies = new RopeConfig(10000).InverseFrequencies(8);
        frequencies.Length.ShouldBe(4);
        for (var i = 0; i < 4; i++)
            frequencies[i].ShouldBe(MathF.Pow(10, -i), MathF.Pow(10, -i) * 2e-7f);
    }

    [Fact]
    public void Linear_scaling_divides_every_frequency()
    {
        var plain = new RopeConfig(10000).InverseFrequencies(16);
        new RopeConfig(10000, new RopeScaling.Linear(4)).InverseFrequencies(16).ShouldBe(plain.Select(frequency => frequency / 4));
    }

    [Theory]
    [InlineData(500000, 128, 8, 1, 4, 8192)]     // Llama 3.1
    [InlineData(500000, 64, 32, 1, 4, 8192)]     // Llama 3.2
    [InlineData(500000, 16, 8, 1, 4, 64)]        // the fixture
    public void Llama3_scaling_keeps_short_waves_divides_long_ones_and_joins_them(double theta, int headSize, double factor, double low, double high, int original)
    {
        var scaled = new RopeConfig(theta, new RopeScaling.Llama3(factor, low, high, original)).InverseFrequencies(headSize);
        for (var i = 0; i < scaled.Length; i++)
        {
            // The same in doubles, from the formula of Llama 3's reference code.
            var plain = Math.Pow(theta, -2.0 * i / headSize);
            var turns = original * plain / (2 * Math.PI);    // of this wave over the original context
            var kept = Math.Clamp((turns - low) / (high - low), 0, 1);
            var expected = plain * (kept + (1 - kept) / factor);
            ((double)scaled[i]).ShouldBe(expected, expected * 2e-6, $"pair {i}");
        }
        scaled[0].ShouldBe(1);
        scaled[^1].ShouldBe(new RopeConfig(theta).InverseFrequencies(headSize)[^1] / (float)factor);
        scaled.ShouldBe(scaled.OrderDescending());
    }

    [Theory]
    [InlineData(1000000, 128, 4, 23, 40, 1.1386294)]     // Qwen2.5: pairs 23 to 40 of 64 over an original context of 32768
    [InlineData(500000, 64, 16, 12, 21, 1.2772589)]
    public void Yarn_keeps_what_turns_often_divides_what_turns_once_and_joins_them(double theta, int headSize, double factor, int low, int high, float attention)
    {
        var rope = new RopeConfig(theta, new RopeScaling.Yarn(factor, low, high, attention, 32768));
        var (scaled, plain) = (rope.InverseFrequencies(headSize), new RopeConfig(theta).InverseFrequencies(headSize));
        for (var i = 0; i < scaled.Length; i++)
        {
            var divided = Math.Clamp((i - low) / (double)(high - low), 0, 1);
            var expected = plain[i] * (1 - divided) + plain[i] / factor * divided;
            ((double)scaled[i]).ShouldBe(expected, expected * 1e-6, $"pair {i}");
        }
        rope.Magnitude.ShouldBe(attention);
        rope.MaxPositions(32768).ShouldBe((int)(32768 * factor));
        rope.MaxPositions(int.MaxValue).ShouldBe(int.MaxValue);
    }
}
