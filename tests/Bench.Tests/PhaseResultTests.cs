using System.Diagnostics;
using Splitwiser.Bench.Devices;
using Splitwiser.Bench.Phases;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Bench.Tests;

public class PhaseResultTests
{
    [Fact]
    public void A_point_is_read_and_what_is_none_is_refused()
    {
        PhasePoint.Parse("2048+64x1024").ShouldBe(new PhasePoint(2048, 64, 1024, null));
        PhasePoint.Parse("8192+32x4096@23.5").Bound.ShouldBe(23.5);
        foreach (var text in new[] { "", "2048", "2048+64", "0+64x1024", "2048+64x1024@", "2048+64x99999999999", "-1+2x3" })
            Should.Throw<BenchException>(() => PhasePoint.Parse(text)).Message.ShouldStartWith("--points");
    }

    [Fact]
    public void A_window_shows_the_gaps_between_whole_decode_steps_and_the_rate_between_prompts()
    {
        StepRecord[] steps =
        [
            Step(0.010, decodes: 4), Step(0.011, prefill: 100), Step(0.020, decodes: 4), Step(0.025, decodes: 3), Step(0.050, decodes: 4),
            Step(0.061, prefill: 100), Step(0.090, decodes: 4), Step(0.111, prefill: 300),
        ];
        var sample = PhaseSample.Of(steps, decodes: 4);
        sample.DecodeSteps.ShouldBe(3);
        sample.StepP50.ShouldBe(0.030, 1e-6);
        sample.Worst.ShouldBe(0.040, 1e-6);
        sample.PrefillRate.ShouldBe(4000, 0.01);     // 400 tokens in the 100 ms after the first step
        PhaseSample.Gaps(steps, 4, from: At(0.045), to: At(0.060)).ShouldBe([0.030, 0.040], 1e-6);     // the gap that was open at each end counts
    }

    [Fact]
    public void Modes_are_compared_at_a_bound_with_their_best_settings()
    {
        PhaseResult[] results = [Result("Chunked", 500, 10), Result("Chunked", 900, 16), Result("Chunked", 2000, 40), Result("Serial", 700, 15), Result("Partition", 1100, 14), Result("Streams", 3000, 60)];
        var equal = EqualItl.At(16.3, results);
        equal.Best.Select(best => (best.Mode, best.PrefillTokensPerSecond)).ShouldBe([("Partition", 1100), ("Chunked", 900), ("Serial", 700)]);
        equal.Against("Partition", "Chunked", "Serial")!.Value.ShouldBe(1100 / 900.0, 1e-9);
        equal.Against("Streams", "Chunked").ShouldBeNull();
    }

    [Fact]
    public void The_adaptive_mode_is_held_against_the_best_fixed_mode_that_keeps_what_it_kept()
    {
        (Sharing, PhaseResult)[] results =
        [
            (new Sharing(PhaseMode.Adaptive, 12), Result("Adaptive", 800, 11)), (new Sharing(PhaseMode.Adaptive, 20), Result("Adaptive", 1000, 25)),
            (new Sharing(PhaseMode.Chunked, 256), Result("Chunked", 1000, 11.5)), (new Sharing(PhaseMode.Streams), Result("Streams", 1250, 24)),
        ];
        AdaptiveGap.Of(results).Select(gap => (gap.BoundMs, gap.Ratio)).ShouldBe([(12, 0.8), (25, 0.8)]);
    }

    [Fact]
    public void A_setting_becomes_the_devices_option()
    {
        var basis = new DeviceOptions { MaxBatchedTokens = 8192 };
        new Sharing(PhaseMode.Serial, 512).Configure(basis, 64).ShouldBe(basis with { Mode = PhaseMode.Serial, PrefillSlice = 512 });
        new Sharing(PhaseMode.Chunked, 512).Configure(basis, 64).ShouldBe(basis with { Mode = PhaseMode.Chunked, MaxBatchedTokens = 576 });
        new Sharing(PhaseMode.Adaptive, 16.3).Configure(basis, 64).ShouldBe(basis with { Mode = PhaseMode.Adaptive, ItlTarget = TimeSpan.FromMilliseconds(16.3) });
        new Sharing(PhaseMode.Streams).Configure(basis, 64).ShouldBe(basis with { Mode = PhaseMode.Streams });
        new Sharing(PhaseMode.Adaptive, 16.3).Name.ShouldBe("Adaptive target 16.3 ms");
        Should.Throw<InvalidOperationException>(() => new Sharing(PhaseMode.Streams, 1).Configure(basis, 64));
    }

    private static PhaseResult Result(string mode, double rate, double step) => new(mode, "", rate, step, step, step, 0, 0, 1, 1);

    private static StepRecord Step(double end, int prefill = 0, int decodes = 0) => new(Lane.Decode, 0, At(end), default, prefill, decodes, 0, 0, 0, 0);

    private static long At(double seconds) => (long)(seconds * Stopwatch.Frequency);
}
