using Splitwiser.Gpu.Phases;

namespace Splitwiser.Device.Tests.Phases;

public sealed class DecodeTimeTests
{
    private readonly DecodeTime time = new();
    private long now;

    [Fact]
    public void Nothing_is_known_before_the_first_step() => time.Of(8, 100).ShouldBeNull();

    [Fact]
    public void From_steps_of_one_size_any_other_is_thought_to_take_as_long()
    {
        for (var i = 0; i < 5; i++) Observe(64, 64_000, 0.010);
        time.Of(64, 64_000)!.Value.ShouldBe(0.010, 1e-9);
        time.Of(1, 1000)!.Value.ShouldBe(0.010, 1e-4);
        time.Of(128, 128_000)!.Value.ShouldBe(0.010, 1e-4);
    }

    /// <summary>8 ms of weights, 10 us a row, 0.03 us a token of context.</summary>
    [Theory, InlineData(16, 10_000), InlineData(100, 20_000), InlineData(256, 256_000), InlineData(48, 200_000)]
    public void From_steps_of_many_sizes_it_finds_the_weights_the_rows_and_the_contexts(int rows, long context)
    {
        var random = new Random(1);
        for (var i = 0; i < 400; i++)
        {
            var (r, c) = (random.Next(1, 200), random.Next(100, 4000));
            Observe(r, (long)r * c, Law(r, (long)r * c) * (1 + 0.02 * (random.NextDouble() - 0.5)));
        }

        time.Of(rows, context)!.Value.ShouldBe(Law(rows, context), 0.04 * Law(rows, context));
    }

    [Fact]
    public void A_step_size_that_falls_out_of_line_is_known_by_itself()
    {
        for (var i = 0; i < 50; i++)
            foreach (var rows in new[] { 2, 16, 64, 128 }) Observe(rows, rows * 1000, rows == 2 ? 0.002 : Law(rows, rows * 1000));       // few rows are one kernel
        time.Of(2, 2000)!.Value.ShouldBe(0.002, 2e-4);
        time.Of(64, 64_000)!.Value.ShouldBe(Law(64, 64_000), 0.05 * Law(64, 64_000));
    }

    [Fact]
    public void Old_steps_fade()
    {
        Observe(1, 100, 1.0);
        for (var i = 0; i < 500; i++) Observe(1, 100, 0.010);
        time.Of(1, 100)!.Value.ShouldBe(0.010, 1e-4);
    }

    [Fact]
    public void Noise_is_no_slope_and_nothing_is_ever_negative()
    {
        var random = new Random(3);
        for (var i = 0; i < 300; i++) Observe(random.Next(1, 256), random.Next(100, 300_000), 0.010 + 0.004 * random.NextDouble());
        for (var rows = 1; rows <= 1024; rows *= 4) time.Of(rows, rows * 2000)!.Value.ShouldBeInRange(0.007, 0.08);
    }

    private static double Law(int rows, long context) => 0.008 + 10e-6 * rows + 0.03e-6 * context;

    private void Observe(int rows, long context, double seconds) => time.Observe(rows, context, seconds, ++now);
}
