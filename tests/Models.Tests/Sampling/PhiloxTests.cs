using Splitwiser.Models.Sampling;

namespace Splitwiser.Models.Tests.Sampling;

public sealed class PhiloxTests
{
    /// <summary>The known answers that Random123 publishes for philox4x32 with 10 rounds.</summary>
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Blocks_are_the_published_ones(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint x0, uint x1, uint x2, uint x3) =>
        Philox.Block((c0, c1, c2, c3), (k0, k1)).ShouldBe((x0, x1, x2, x3));

    [Fact]
    public void The_uniform_number_is_53_bits_of_the_block_of_its_position()
    {
        // Block 0 of key 0 begins 6627e8d5 e169c58d: as a fraction e169c58d6627e8d5 / 2^64, cut to 53 bits.
        Philox.Uniform(0, 0).ShouldBe((0xe169c58d6627e8d5 >> 11) / Math.Pow(2, 53));
        Philox.Uniform(1, 0).ShouldNotBe(Philox.Uniform(0, 0));
        Philox.Uniform(1UL << 32, 0).ShouldNotBe(Philox.Uniform(1, 0));
        Philox.Uniform(0, 1).ShouldNotBe(Philox.Uniform(0, 0));
    }

    [Fact]
    public void Uniform_numbers_fill_the_unit_interval_evenly()
    {
        var bins = new int[16];
        for (var position = 0; position < 16_000; position++) bins[(int)(Philox.Uniform(42, position) * 16)]++;
        bins.Sum(count => Math.Pow(count - 1000, 2) / 1000).ShouldBeLessThan(37.7);     // chi-square, 15 degrees of freedom, 0.1 %
    }
}
