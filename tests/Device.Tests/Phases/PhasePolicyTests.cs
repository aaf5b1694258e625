using System.Collections.Immutable;
using Splitwiser.Gpu.Phases;
using Splitwiser.Tests;
using static Splitwiser.Gpu.Phases.PhaseSharing;

namespace Splitwiser.Device.Tests.Phases;

public sealed class PhasePolicyTests
{
    private static readonly ImmutableArray<PhaseSharing> All = [Turns, Mixed, SideBySide];

    /// <summary>A decode step of 10 ms, a prompt token of 0.1 ms, a target of 50 ms: 40 ms are left for 400 tokens, 384 in whole pages.</summary>
    [Theory]
    [InlineData(0.0001, 1.5, 2.0, nameof(Turns), 384)]          // mixing gains nothing, side by side halves prefill: 5,000/s against 7,932/s
    [InlineData(0.00005, 1.5, 2.0, nameof(Mixed), 800)]         // half the price in a mixed step: 800 tokens fit
    [InlineData(0.0001, 1.5, 1.2, nameof(SideBySide), 2048)]    // 8,333/s
    [InlineData(0.0001, 6.0, 1.0, nameof(Turns), 384)]          // side by side would prefill more but break the target
    public void The_most_prefill_within_the_target_wins(double mixed, double decodeSlowdown, double prefillSlowdown, string best, int tokens)
    {
        var sharing = Enum.Parse<PhaseSharing>(best);
        var costs = new PhaseCosts(0.010, 0.0001, mixed, decodeSlowdown, prefillSlowdown);
        Choose(All, sharing, costs, target: 0.050, tokenBudget: 2048).ShouldBe(new PhaseChoice(sharing, tokens));
    }

    [Fact]
    public void Without_measurements_it_takes_turns_which_measure_both_phases() =>
        Choose(All, SideBySide, new PhaseCosts(null, 0.001), 0.05, 512).ShouldBe(new PhaseChoice(Turns, 32));

    [Fact]
    public void What_was_not_measured_lately_is_tried()
    {
        var measured = new PhaseCosts(0.010, 0.0001, 0.0001, 2, 2);
        Choose(All, Turns, measured, 0.05, 2048).Sharing.ShouldBe(Turns);
        Choose(All, Turns, measured with { DecodeSlowdown = null, PrefillSlowdown = null }, 0.05, 2048).Sharing.ShouldBe(SideBySide);
    }

    [Fact]
    public void When_nothing_keeps_the_target_the_shortest_gap_wins()
    {
        var costs = new PhaseCosts(0.100, 0.001, 0.001, DecodeSlowdown: 1.1, PrefillSlowdown: 3);
        Choose(All, Turns, costs, target: 0.050, tokenBudget: 2048).Sharing.ShouldBe(SideBySide);     // 110 ms against 132 ms
    }

    [Fact]
    public void A_device_does_not_change_over_for_a_small_gain()
    {
        var costs = new PhaseCosts(0.010, 0.0001, MixedToken: 0.000096, DecodeSlowdown: 4, PrefillSlowdown: 9);
        Choose(All, Turns, costs, 0.05, 2048).Sharing.ShouldBe(Turns);
        Choose(All, Mixed, costs, 0.05, 2048).Sharing.ShouldBe(Mixed);
    }

    [Fact]
    public void It_chooses_only_what_the_device_has() => Property.Holds<byte[]>(bytes =>
    {
        var given = new Costs(bytes);
        ImmutableArray<PhaseSharing> available = [.. All.Where((_, i) => ((given.TargetBy % 7 + 1) >> i & 1) != 0)];
        foreach (var current in All)
            available.ShouldContain(Choose(available, current, given.Value, given.Target, given.Budget).Sharing);
    });

    [Fact]
    public void It_keeps_the_target_when_anything_can_and_prefills_nearly_the_most_that_does() => Property.Holds<byte[]>(bytes =>
    {
        var given = new Costs(bytes);
        var costs = given.Value;
        if (costs is not { DecodeStep: { } decode, PrefillToken: { } prefill }) return;
        foreach (var current in All)
        {
            var choice = Choose(All, current, costs, given.Target, given.Budget);
            choice.PrefillTokens.ShouldBeInRange(1, given.Budget);
            var chosen = Forecast(choice);
            var best = All.Select(sharing => Forecast(new PhaseChoice(sharing, Math.Min(32, given.Budget))))    // the gentlest of each
                .Where(forecast => forecast.Gap <= given.Target).Select(forecast => forecast.Rate).DefaultIfEmpty(0).Max();
            if (best > 0) chosen.Gap.ShouldBeLessThanOrEqualTo(given.Target * 1.000001);
            chosen.Rate.ShouldBeGreaterThanOrEqualTo(best / 1.11);
        }

        (double Gap, double Rate) Forecast(PhaseChoice choice)
        {
            if (choice.Sharing == SideBySide) return (decode * (costs.DecodeSlowdown ?? 1), 1 / (prefill * (costs.PrefillSlowdown ?? 1)));
            var gap = decode + choice.PrefillTokens * (choice.Sharing == Turns ? prefill : costs.MixedToken ?? 0.9 * prefill);
            return (gap, choice.PrefillTokens / gap);
        }
    });

    /// <summary>A decode step of 10 ms, a prompt token of 0.025 ms, mixed 0.02 ms: 2,000 tokens fit the target of 50 ms, 40,000 a second; 20 targets are 40,000 tokens.</summary>
    [Theory]
    [InlineData(39_000, false, 1984, false)]
    [InlineData(41_000, false, 8192, true)]
    [InlineData(2_100, true, 8192, true)]       // it goes on until a target's worth is left
    [InlineData(1_900, true, 1984, false)]
    public void A_backlog_stretches_the_target_until_most_of_it_is_worked_off(int waiting, bool hurries, int tokens, bool then)
    {
        var costs = new PhaseCosts(0.010, 0.000025, MixedToken: 0.00002, DecodeSlowdown: 2, PrefillSlowdown: 2);
        PhasePolicy.Choose(All, new PhaseChoice(Mixed, 1984, hurries), costs, target: 0.05, tokenBudget: 8192, waiting).ShouldBe(new PhaseChoice(Mixed, tokens, then));
    }

    [Theory]
    [InlineData(1.02, nameof(Mixed))]           // 39,200 prompt tokens a second against 38,500
    [InlineData(0.9, nameof(SideBySide))]
    public void In_a_backlog_mixed_steps_are_left_for_a_clear_gain_only(double prefillSlowdown, string best)
    {
        var costs = new PhaseCosts(0.010, 0.000025, MixedToken: 0.0000248, DecodeSlowdown: 20, prefillSlowdown);
        foreach (var current in All)
            PhasePolicy.Choose(All, new PhaseChoice(current, 8192), costs, target: 0.05, tokenBudget: 8192, waiting: 100_000).Sharing.ShouldBe(Enum.Parse<PhaseSharing>(best));
    }

    [Fact]
    public void A_gap_stays_within_eight_targets_whatever_waits()
    {
        var costs = new PhaseCosts(0.010, 0.0001, MixedToken: 0.0001, DecodeSlowdown: 2, PrefillSlowdown: 9);
        PhasePolicy.Choose(All, default, costs, target: 0.05, tokenBudget: 8192, int.MaxValue).ShouldBe(new PhaseChoice(Mixed, 3872, true));     // 397 of 400 ms
    }

    [Fact]
    public void A_backlog_is_never_worked_off_slower_than_the_target_allows() => Property.Holds<byte[]>(bytes =>
    {
        var given = new Costs(bytes);
        if (given.Value is not { DecodeStep: { } decode, PrefillToken: { } prefill }) return;
        foreach (var current in All)
        {
            var gentle = Choose(All, current, given.Value, given.Target, given.Budget);
            if (Gap(gentle) > given.Target) continue;       // then it is the shortest gap that counts, not the rate
            var hurried = PhasePolicy.Choose(All, new PhaseChoice(current, 1, Hurries: true), given.Value, given.Target, given.Budget, long.MaxValue);
            hurried.Hurries.ShouldBeTrue();
            Rate(hurried).ShouldBeGreaterThanOrEqualTo(Rate(gentle) / 1.22);      // each choice may be a tenth off its best
        }

        double Gap(PhaseChoice choice) => choice.Sharing switch
        {
            SideBySide => decode * (given.Value.DecodeSlowdown ?? 1),
            Turns => decode + choice.PrefillTokens * prefill,
            _ => decode + choice.PrefillTokens * (given.Value.MixedToken ?? 0.9 * prefill),
        };

        double Rate(PhaseChoice choice) => choice.Sharing == SideBySide ? 1 / (prefill * (given.Value.PrefillSlowdown ?? 1)) : choice.PrefillTokens / Gap(choice);
    });

    /// <summary>With nothing to hurry for.</summary>
    private static PhaseChoice Choose(ImmutableArray<PhaseSharing> available, PhaseSharing current, PhaseCosts costs, double target, int tokenBudget) =>
        PhasePolicy.Choose(available, new PhaseChoice(current, tokenBudget), costs, target, tokenBudget, waiting: 0);

    /// <summary>Costs of any device, from a few bytes; what has none is unmeasured.</summary>
    private readonly struct Costs(byte[] bytes)
    {
        public PhaseCosts Value => new(Byte(0) * 0.001, Byte(1) * 0.00001, Byte(2) * 0.00001, 1 + Byte(3) * 0.05, 1 + Byte(4) * 0.05);

        public int TargetBy => Byte(5) ?? 0;

        public double Target => 0.001 + TargetBy * 0.001;

        public int Budget => 1 + 16 * (Byte(6) ?? 100);

        private int? Byte(int index) => index < bytes.Length && bytes[index] > 0 ? bytes[index] : null;
    }
}
