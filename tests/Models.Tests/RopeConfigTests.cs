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
}
