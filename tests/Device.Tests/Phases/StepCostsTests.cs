using Splitwiser.Gpu.Phases;

namespace Splitwiser.Device.Tests.Phases;

public sealed class StepCostsTests
{
    private readonly StepCosts costs = new();

    [Fact]
    public void Nothing_is_known_at_first() => costs.For(8).ShouldBe(new PhaseCosts(null, null));

    [Fact]
    public void Each_phase_alone_then_together()
    {
        costs.Observe(StepKind.Decode, 0, 8, seconds: 0.010, accompanied: false);
        costs.Observe(StepKind.Prefill, 100, 0, 0.020, false);
        costs.Observe(StepKind.Mixed, 100, 8, 0.025, false);        // 15 ms more than the decode rows alone
        costs.Observe(StepKind.Decode, 0, 8, 0.016, true);
        costs.Observe(StepKind.Prefill, 50, 0, 0.015, true);        // 10 ms alone
        var found = costs.For(8);
        found.DecodeStep!.Value.ShouldBe(0.010, 1e-9);
        found.PrefillToken!.Value.ShouldBe(0.0002, 1e-9);
        found.MixedToken!.Value.ShouldBe(0.00015, 1e-9);
        found.DecodeSlowdown!.Value.ShouldBe(1.6, 1e-9);
        found.PrefillSlowdown!.Value.ShouldBe(1.5, 1e-9);
    }

    [Fact]
    public void A_step_with_company_for_part_of_its_time_teaches_nothing()
    {
        costs.Observe(StepKind.Decode, 0, 8, 0.010, accompanied: null);
        costs.For(8).DecodeStep.ShouldBeNull();
    }

    [Fact]
    public void An_unmeasured_size_costs_what_the_nearest_does()
    {
        costs.Observe(StepKind.Decode, 0, 4, 0.010, false);
        costs.Observe(StepKind.Decode, 0, 64, 0.030, false);
        costs.For(1).DecodeStep.ShouldBe(0.010);
        costs.For(100).DecodeStep.ShouldBe(0.030);
    }

    [Fact]
    public void Old_samples_fade()
    {
        costs.Observe(StepKind.Decode, 0, 1, 1.0, false);
        for (var i = 0; i < 100; i++) costs.Observe(StepKind.Decode, 0, 1, 0.010, false);
        costs.For(1).DecodeStep!.Value.ShouldBe(0.010, 1e-3);
    }

    [Fact]
    public void A_mechanism_that_has_not_run_for_long_counts_as_unknown_again()
    {
        costs.Observe(StepKind.Decode, 0, 1, 0.010, false);
        costs.Observe(StepKind.Mixed, 10, 1, 0.020, false);
        for (var i = 0; i < 2048; i++) costs.Observe(StepKind.Decode, 0, 1, 0.010, false);
        costs.For(1).MixedToken.ShouldNotBeNull();
        costs.Observe(StepKind.Decode, 0, 1, 0.010, false);
        costs.For(1).MixedToken.ShouldBeNull();
        costs.For(1).DecodeStep.ShouldNotBeNull();
    }
}
