using System.Collections.Immutable;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Phases;
using Splitwiser.Tests;
using static Splitwiser.Gpu.Phases.PhaseSharing;

namespace Splitwiser.Device.Tests.Phases;

public sealed class PhasePolicyTests
{
    private static readonly ImmutableArray<Mechanism> All = [new(Turns), new(Mixed), new(SideBySide)];
    private static readonly ImmutableArray<Mechanism> Splits = [.. All, .. SmSplit.For(132).Select(split => new Mechanism(Partition, split))];

    /// <summary>A decode step of 10 ms, a prompt token of 0.1 ms, a target of 50 ms: 40 ms are left for 400 tokens, 384 in whole pages.</summary>
    [Theory]
    [InlineData(0.0001, 1.5, 2.0, nameof(Turns), 384)]          // mixing gains nothing, side by side halves prefill: 5,000/s against 7,932/s
    [InlineData(0.00005, 1.5, 2.0, nameof(Mixed), 800)]         // half the price in a mixed step: 800 tokens fit
    [InlineData(0.0001, 1.5, 1.2, nameof(SideBySide), 2048)]    // 8,333/s
    [InlineData(0.0001, 6.0, 1.0, nameof(Turns), 384)]          // side by side would prefill more but break the target
    public void The_most_prefill_within_the_target_wins(double mixed, double decodeSlowdown, double prefillSlowdown, string best, int tokens)
    {
        var mechanism = new Mechanism(Enum.Parse<PhaseSharing>(best));
        var costs = Costs(0.010, 0.0001, mixed, decodeSlowdown, prefillSlowdown);
        Choose(All, mechanism, costs, target: 0.050, tokenBudget: 2048).ShouldBe(new PhaseChoice(mechanism, tokens));
    }

    /// <summary>Decode takes 2, 1.8, 1.6 ... times as long on 20, 28, 36 ... multiprocessors; prefill is nearly free on any.</summary>
    [Theory]
    [InlineData(0.0205, 20), InlineData(0.0190, 28), InlineData(0.0165, 36), InlineData(0.0125, 52)]
    public void Of_the_splits_the_smallest_decode_share_that_keeps_the_target_wins(double target, int decode)
    {
        var beside = Splits.Select((mechanism, i) => mechanism.Sharing == Partition ? new Slowdown(2 - 0.2 * (i - 3), 132.0 / mechanism.Split!.Value.Prefill) : new Slowdown(9, 9)).ToArray();
        var costs = new PhaseCosts(0.010, 0.00001, 0.0001, beside);
        Choose(Splits, new Mechanism(Turns), costs, target, 8192).Mechanism.Split!.Value.Decode.ShouldBe(decode);
    }

    [Fact]
    public void Without_measurements_it_takes_turns_which_measure_both_phases() =>
        Choose(All, new Mechanism(SideBySide), Costs(null, 0.001), 0.05, 512).ShouldBe(new PhaseChoice(new Mechanism(Turns), 32));

    [Fact]
    public void When_nothing_keeps_the_target_the_shortest_gap_wins()
    {
        var costs = Costs(0.100, 0.001, 0.001, decodeSlowdown: 1.1, prefillSlowdown: 3);
        Choose(All, new Mechanism(Turns), costs, target: 0.050, tokenBudget: 2048).Sharing.ShouldBe(SideBySide);     // 110 ms against 132 ms
    }

    /// <summary>Mixed prefills 2.8 % more than turns.</summary>
    private static readonly PhaseCosts Close = Costs(0.010, 0.0001, 0.000096, decodeSlowdown: 4, prefillSlowdown: 9);

    [Fact]
    public void A_small_gain_must_last_before_the_device_changes_over()
    {
        var choice = new PhaseChoice(new Mechanism(Turns), 2048);
        for (var decision = 1; decision < 64; decision++)
        {
            choice = PhasePolicy.Choose(All, choice, Close, new PhaseTargets(0.05, 1), 2048, new PromptBacklog(2048, 0));
            choice.Sharing.ShouldBe(Turns);
            choice.Ahead.ShouldBe(decision);
        }

        choice = PhasePolicy.Choose(All, choice, Close, new PhaseTargets(0.05, 1), 2048, new PromptBacklog(2048, 0));
        choice.ShouldBe(new PhaseChoice(new Mechanism(Mixed), 416));
    }

    [Fact]
    public void A_gain_that_comes_and_goes_changes_nothing()
    {
        var even = Costs(0.010, 0.0001, 0.0001, decodeSlowdown: 4, prefillSlowdown: 9);
        var choice = new PhaseChoice(new Mechanism(Turns), 2048);
        for (var decision = 0; decision < 1000; decision++)
        {
            choice = PhasePolicy.Choose(All, choice, decision % 60 == 59 ? even : Close, new PhaseTargets(0.05, 1), 2048, new PromptBacklog(2048, 0));
            choice.Sharing.ShouldBe(Turns);
        }
    }

    [Fact]
    public void What_runs_may_miss_the_target_by_a_little()
    {
        foreach (var (slowdown, stays) in new[] { (5.1, true), (5.2, false) })      // 51 and 52 ms of 50
        {
            var costs = Costs(0.010, 0.0001, 0.0001, slowdown, prefillSlowdown: 1.3);
            Choose(All, new Mechanism(SideBySide), costs, 0.05, 2048).Sharing.ShouldBe(stays ? SideBySide : Turns);
        }
    }

    [Fact]
    public void It_chooses_only_what_the_device_has() => Property.Holds<byte[]>(bytes =>
    {
        var given = new Given(bytes);
        ImmutableArray<Mechanism> available = [.. All.Where((_, i) => ((given.TargetBy % 7 + 1) >> i & 1) != 0)];
        var costs = given.Value with { Beside = available.Select(_ => new Slowdown(given.Beside.Decode, given.Beside.Prefill)).ToArray() };
        foreach (var current in All)
            available.ShouldContain(Choose(available, current, costs, given.Target, given.Budget).Mechanism);
    });

    [Fact]
    public void It_keeps_the_target_when_anything_can_and_prefills_nearly_the_most_that_does() => Property.Holds<byte[]>(bytes =>
    {
        var given = new Given(bytes);
        var costs = given.Value;
        if (costs is not { DecodeStep: { } decode, PrefillToken: { } prefill }) return;
        foreach (var current in All)
        {
            var choice = Choose(All, current, costs, given.Target, given.Budget);
            choice.PrefillTokens.ShouldBeInRange(1, given.Budget);
            var chosen = Forecast(choice);
            var best = All.Select(mechanism => Forecast(new PhaseChoice(mechanism, Math.Min(32, given.Budget))))    // the gentlest of each
                .Where(forecast => forecast.Gap <= given.Target).Select(forecast => forecast.Rate).DefaultIfEmpty(0).Max();
            if (best > 0) chosen.Gap.ShouldBeLessThanOrEqualTo(given.Target * 1.030001);
            chosen.Rate.ShouldBeGreaterThanOrEqualTo(best / 1.11);
        }

        (double Gap, double Rate) Forecast(PhaseChoice choice)
        {
            if (choice.Sharing == SideBySide) return (decode * given.Beside.Decode, 1 / (prefill * given.Beside.Prefill));
            var gap = decode + choice.PrefillTokens * (choice.Sharing == Turns ? prefill : costs.MixedToken);
            return (gap, choice.PrefillTokens / gap);
        }
    });

    /// <summary>A decode step of 10 ms, a prompt token of 0.025 ms, mixed 0.02 ms: 2,000 tokens fit the target of 50 ms, 40,000 a second; a second is a backlog.</summary>
    [Theory]
    [InlineData(39_000, false, 1984, false)]
    [InlineData(41_000, false, 8192, true)]
    [InlineData(2_100, true, 8192, true)]       // it goes on until a target's worth is left
    [InlineData(1_900, true, 1984, false)]
    public void A_backlog_stretches_the_target_until_most_of_it_is_worked_off(int waiting, bool hurries, int tokens, bool then)
    {
        var costs = Costs(0.010, 0.000025, 0.00002, decodeSlowdown: 2, prefillSlowdown: 2);
        var mixed = new Mechanism(Mixed);
        PhasePolicy.Choose(All, new PhaseChoice(mixed, 1984, hurries), costs, new PhaseTargets(0.05, 1), tokenBudget: 8192, new PromptBacklog(int.MaxValue, waiting)).ShouldBe(new PhaseChoice(mixed, tokens, then));
    }

    [Theory, InlineData(0.5, true), InlineData(1.1, false)]
    public void A_backlog_is_what_makes_the_last_prompt_wait_too_long(double longest, bool hurries)
    {
        var costs = Costs(0.010, 0.000025, 0.00002, decodeSlowdown: 2, prefillSlowdown: 2);
        PhasePolicy.Choose(All, new PhaseChoice(new Mechanism(Mixed), 1984), costs, new PhaseTargets(0.05, longest), 8192, new PromptBacklog(int.MaxValue, 41_000)).Hurries.ShouldBe(hurries);
    }

    [Theory]
    [InlineData(1.02, nameof(Mixed))]           // 39,200 prompt tokens a second against 38,500
    [InlineData(0.9, nameof(SideBySide))]
    public void In_a_backlog_mixed_steps_are_left_for_a_clear_gain_only(double prefillSlowdown, string best)
    {
        var costs = Costs(0.010, 0.000025, 0.0000248, decodeSlowdown: 20, prefillSlowdown);
        foreach (var current in All)
            PhasePolicy.Choose(All, new PhaseChoice(current, 8192), costs, new PhaseTargets(0.05, 1), tokenBudget: 8192, new PromptBacklog(int.MaxValue, 100_000)).Sharing.ShouldBe(Enum.Parse<PhaseSharing>(best));
    }

    /// <summary>Side by side prefills 33,333 a second, mixed steps 8,000; both keep 50 ms. Mixed steps of 0.3 ms a token don't keep 10.1 ms.</summary>
    [Theory]
    [InlineData(8191, nameof(Mixed), 0.050, nameof(Mixed))]
    [InlineData(8192, nameof(Mixed), 0.050, nameof(SideBySide))]
    [InlineData(4096, nameof(SideBySide), 0.050, nameof(SideBySide))]       // it goes on until half a step is left
    [InlineData(4095, nameof(SideBySide), 0.050, nameof(Mixed))]
    [InlineData(1, nameof(Mixed), 0.0101, nameof(SideBySide))]
    public void Prompts_that_fit_in_a_step_share_decodes_where_that_keeps_the_target(long queued, string current, double target, string best)
    {
        var costs = Costs(0.010, 0.0003, 0.0001, decodeSlowdown: 1.0, prefillSlowdown: 0.1);
        PhasePolicy.Choose(All, new PhaseChoice(new Mechanism(Enum.Parse<PhaseSharing>(current)), 8192), costs, new PhaseTargets(target, 100), 8192, new PromptBacklog(queued, 0))
            .Sharing.ShouldBe(Enum.Parse<PhaseSharing>(best));
    }

    /// <summary>Side by side prefills more than mixed steps, and a decode step takes 15 ms: three of them break 40 ms, one doesn't.</summary>
    [Theory]
    [InlineData(1, 0.040, nameof(SideBySide))]
    [InlineData(3, 0.040, nameof(Mixed))]
    [InlineData(3, 0.046, nameof(SideBySide))]
    public void The_steps_to_a_second_token_keep_the_target_too(int steps, double target, string best)
    {
        var costs = Costs(0.010, 0.0003, 0.0001, decodeSlowdown: 1.5, prefillSlowdown: 0.1);
        PhasePolicy.Choose(All, new PhaseChoice(new Mechanism(Mixed), 8192), costs, new PhaseTargets(target, 100), 8192, new PromptBacklog(100_000, 0, steps)).Sharing.ShouldBe(Enum.Parse<PhaseSharing>(best));
    }

    [Fact]
    public void A_gap_stays_within_eight_targets_whatever_waits()
    {
        var costs = Costs(0.010, 0.0001, 0.0001, decodeSlowdown: 2, prefillSlowdown: 9);
        PhasePolicy.Choose(All, default, costs, new PhaseTargets(0.05, 1), tokenBudget: 8192, new PromptBacklog(int.MaxValue, int.MaxValue)).ShouldBe(new PhaseChoice(new Mechanism(Mixed), 3872, true));     // 397 of 400 ms
    }

    [Fact]
    public void A_backlog_is_never_worked_off_slower_than_the_target_allows() => Property.Holds<byte[]>(bytes =>
    {
        var given = new Given(bytes);
        if (given.Value is not { DecodeStep: { } decode, PrefillToken: { } prefill }) return;
        foreach (var current in All)
        {
            var gentle = Choose(All, current, given.Value, given.Target, given.Budget);
            if (Gap(gentle) > given.Target) continue;       // then it is the shortest gap that counts, not the rate
            var hurried = PhasePolicy.Choose(All, new PhaseChoice(current, 1, Hurries: true), given.Value, new PhaseTargets(given.Target, 1), given.Budget, new PromptBacklog(long.MaxValue, long.MaxValue));
            hurried.Hurries.ShouldBeTrue();
            Rate(hurried).ShouldBeGreaterThanOrEqualTo(Rate(gentle) / 1.22);      // each choice may be a tenth off its best
        }

        double Gap(PhaseChoice choice) => choice.Sharing switch
        {
            SideBySide => decode * given.Beside.Decode,
            Turns => decode + choice.PrefillTokens * prefill,
            _ => decode + choice.PrefillTokens * given.Value.MixedToken,
        };

        double Rate(PhaseChoice choice) => choice.Sharing == SideBySide ? 1 / (prefill * given.Beside.Prefill) : choice.PrefillTokens / Gap(choice);
    });

    /// <summary>With nothing to hurry for.</summary>
    private static PhaseChoice Choose(ImmutableArray<Mechanism> available, Mechanism current, PhaseCosts costs, double target, int tokenBudget) =>
        PhasePolicy.Choose(available, new PhaseChoice(current, tokenBudget), costs, new PhaseTargets(target, 20 * target), tokenBudget, new PromptBacklog(long.MaxValue, 0));

    /// <summary>Of a device without splits.</summary>
    private static PhaseCosts Costs(double? decode, double? prefill, double mixed = 0.001, double decodeSlowdown = 1, double prefillSlowdown = 1) =>
        new(decode, prefill, mixed, All.Select(_ => new Slowdown(decodeSlowdown, prefillSlowdown)).ToArray());

    /// <summary>Costs of any device, from a few bytes.</summary>
    private readonly struct Given(byte[] bytes)
    {
        public PhaseCosts Value => Costs(Byte(0) * 0.001, Byte(1) * 0.00001, (Byte(2) ?? 50) * 0.00001, Beside.Decode, Beside.Prefill);

        public Slowdown Beside => new(1 + (Byte(3) ?? 0) * 0.05, 1 + (Byte(4) ?? 0) * 0.05);

        public int TargetBy => Byte(5) ?? 0;

        public double Target => 0.001 + TargetBy * 0.001;

        public int Budget => 1 + 16 * (Byte(6) ?? 100);

        private int? Byte(int index) => index < bytes.Length && bytes[index] > 0 ? bytes[index] : null;
    }
}
