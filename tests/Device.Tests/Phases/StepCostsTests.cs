using System.Collections.Immutable;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Phases;
using Splitwiser.Tests;
using static Splitwiser.Gpu.Phases.PhaseSharing;

namespace Splitwiser.Device.Tests.Phases;

public sealed class StepCostsTests
{
    private static readonly ImmutableArray<Mechanism> Mechanisms = [new(Turns), new(Mixed), new(SideBySide), .. SmSplit.For(132).Select(split => new Mechanism(Partition, split))];

    private readonly StepCosts costs = new(Mechanisms);

    [Fact]
    public void Nothing_is_known_of_the_phases_at_first()
    {
        costs.For(8, 1000, 1).DecodeStep.ShouldBeNull();
        costs.For(8, 1000, 1).PrefillToken.ShouldBeNull();
    }

    [Fact]
    public void Each_phase_alone_then_together()
    {
        Decode(0.010);
        Prefill(1000, 0.200);
        costs.Observe(new StepSample(StepKind.Mixed, 100, 100, 8, 800, 0.025));      // 15 ms more than the decode rows alone
        Decode(0.016, new Mechanism(SideBySide));
        Prefill(1000, 0.300, new Mechanism(SideBySide));                        // 200 ms alone
        var found = costs.For(8, 800, 1);
        found.DecodeStep!.Value.ShouldBe(0.010, 1e-9);
        found.PrefillToken!.Value.ShouldBe(0.0002, 1e-9);
        found.MixedToken.ShouldBe(0.00015, 1e-9);
        found.Beside.Span[2].Decode.ShouldBe(1.6, 1e-9);
        found.Beside.Span[2].Prefill.ShouldBe(1.5, 1e-9);
    }

    [Fact]
    public void A_split_that_was_not_measured_is_guessed_from_the_nearest_that_was()
    {
        Decode(0.010);
        Prefill(1000, 0.100);
        var (guessed, guess52) = (Of(44), SlowdownGuess.Of(Split(52)));
        Decode(0.017, Split(52));
        Prefill(1000, 0.190, Split(52));
        var (near, far) = (Of(44), Of(20));
        guessed.ShouldBe(new Slowdown(0.93 * SlowdownGuess.Of(Split(44)).Decode, 0.93 * SlowdownGuess.Of(Split(44)).Prefill));     // a little better than the guess, to be tried
        var excess = (1.7 - 1) / (guess52.Decode - 1);
        near.Decode.ShouldBe(0.97 * (1 + excess * (SlowdownGuess.Of(Split(44)).Decode - 1)), 1e-9);
        far.Decode.ShouldBe(0.97 * (1 + excess * (SlowdownGuess.Of(Split(20)).Decode - 1)), 1e-9);
        near.Prefill.ShouldBe(0.97 * 1.9 * SlowdownGuess.Of(Split(44)).Prefill / guess52.Prefill, 1e-9);
        Of(52).Decode.ShouldBe(1.7, 1e-9);
    }

    [Fact]
    public void One_step_that_was_held_up_does_not_rule_a_split_out()
    {
        Decode(0.010);
        var guess = Of(36).Decode;
        Decode(0.400, Split(36));
        Of(36).Decode.ShouldBe(1.3 * guess, 1e-9);
        for (var i = 0; i < 100; i++) Decode(0.040, Split(36));      // but many do
        Of(36).Decode.ShouldBe(4, 0.02);
    }

    [Fact]
    public void A_prompt_token_costs_more_in_a_small_step()
    {
        Decode(0.010);
        Prefill(256, 0.0082);
        Prefill(8192, 0.2048);
        double Token(int positions) => costs.PrefillToken(positions)!.Value;
        Token(200).ShouldBe(0.0082 / 256, 1e-12);
        Token(8000).ShouldBe(0.000025, 1e-12);
        costs.For(8, 800, 1).PrefillToken!.Value.ShouldBe(0.000025, 1e-12);
        var late = costs.For(8, 800, work: 1.5);        // far into a long prompt
        (late.PrefillToken!.Value, late.SliceToken(256)).ShouldBe((1.5 * 0.000025, 1.5 * 0.0082 / 256));
        costs.Observe(new StepSample(StepKind.Prefill, 8192, 2048, 0, 0, 0.064, Split(36)));
        Of(36).Prefill.ShouldBe(1.25, 1e-9);        // of what a quarter of such a step takes alone
    }

    [Fact]
    public void A_size_that_never_ran_is_thought_as_good_as_its_neighbours_allow()
    {
        Prefill(32, 0.00083);
        double Token(int positions) => costs.PrefillToken(positions)!.Value;
        Token(8192).ShouldBe(0.00083 / 32 * (0.2 + 0.8 / 256), 1e-12);     // most of it might be the same for any size
        Prefill(8192, 0.2);
        Token(1024).ShouldBe(Math.Min(0.2 / 8192, 0.00083 / 32 * (0.2 + 0.8 / 32)), 1e-12);
        Token(16).ShouldBe(0.00083 / 32, 1e-12);
    }

    [Fact]
    public void The_guess_for_more_multiprocessors_is_never_slower_and_for_the_other_phase_never_faster()
    {
        var guesses = SmSplit.For(132).Select(split => SlowdownGuess.Of(new Mechanism(Partition, split))).ToList();
        guesses.Select(guess => -guess.Decode).ShouldBeInOrder();
        guesses.Select(guess => guess.Prefill).ShouldBeInOrder();
        guesses.ShouldAllBe(guess => guess.Decode > 1 && guess.Prefill > 1);
    }

    [Fact]
    public void A_cost_that_was_not_measured_for_long_is_thought_better_by_and_by()
    {
        Decode(0.010);
        Prefill(1000, 0.100);
        for (var i = 0; i < 8; i++) costs.Observe(new StepSample(StepKind.Mixed, 100, 100, 8, 800, 0.020));
        for (var i = 0; i < 8; i++) Decode(0.015, Split(52));
        double Mixed() => costs.For(8, 800, 1).MixedToken;
        Mixed().ShouldBe(0.0001, 1e-9);
        for (var i = 0; i < 8183; i++) Decode(0.010);
        Mixed().ShouldBe(0.0001, 1e-9);
        for (var i = 0; i < 9; i++) Decode(0.010);
        Mixed().ShouldBe(0.00009, 1e-9);
        Of(52).Decode.ShouldBe(0.9 * 1.5, 1e-9);
        for (var i = 0; i < 10 * 8192; i++) Decode(0.010);
        Mixed().ShouldBe(0.00005, 1e-9);        // and not for nothing
    }

    [Fact]
    public void After_few_measurements_that_is_sooner()
    {
        Decode(0.010);
        Decode(0.015, Split(52));
        for (var i = 0; i < 512; i++) Decode(0.010);
        Of(52).Decode.ShouldBe(0.9 * 1.5, 1e-9);
    }

    [Fact]
    public void Without_hopes_what_was_measured_stands_and_what_was_not_is_guessed_no_better()
    {
        Decode(0.010);
        Prefill(1000, 0.100);
        Decode(0.015, Split(52));
        for (var i = 0; i < 512; i++) Decode(0.010);
        Slowdown Sober(int decode) => costs.For(8, 800, 1, hopes: false).Beside.Span[Mechanisms.IndexOf(Split(decode))];
        Sober(52).Decode.ShouldBe(1.5, 1e-9);
        Sober(28).Decode.ShouldBeGreaterThan(Of(28).Decode);
        Sober(28).Prefill.ShouldBe(SlowdownGuess.Of(Split(28)).Prefill, 1e-9);
    }

    [Fact]
    public void What_was_learned_goes_on_after_a_restart()
    {
        Decode(0.010);
        Prefill(1000, 0.100);
        Decode(0.020, Split(36));
        Prefill(1000, 0.150, Split(36));
        using var folder = new TemporaryFolder();
        var file = new CostFile(folder.Path, new PagedRunner().Info, new PagedModel(10).Config);
        file.Read().ShouldBeNull();
        file.Write(costs.Record());
        var again = new StepCosts(Mechanisms);
        again.Restore(file.Read()!);
        again.For(8, 800, 1).ShouldBeLike(costs.For(8, 800, 1));
        var fewer = new StepCosts([new(Turns), Split(36)]);
        fewer.Restore(file.Read()!);
        fewer.For(8, 800, 1).Beside.Span[1].Decode.ShouldBe(2, 1e-9);
    }

    [Theory, InlineData(""), InlineData("{}"), InlineData("null"), InlineData("[1,2]"), InlineData("{\"Decode\":null,\"Mechanisms\":[null]}"), InlineData("not json")]
    public void A_damaged_file_is_no_file(string content)
    {
        using var folder = new TemporaryFolder();
        var file = new CostFile(folder.Path, new PagedRunner().Info, new PagedModel(10).Config);
        File.WriteAllText(file.Path, content);
        file.Read().ShouldBeNull();
    }

    [Fact]
    public void Another_card_or_model_has_another_file()
    {
        var info = new PagedRunner().Info;
        var file = new CostFile("x", info, new PagedModel(10).Config).Path;
        new CostFile("x", info with { DeviceName = "another" }, new PagedModel(10).Config).Path.ShouldNotBe(file);
        new CostFile("x", info with { MaxTokens = 1 }, new PagedModel(10).Config).Path.ShouldNotBe(file);
        new CostFile("x", info, new PagedModel(11).Config).Path.ShouldNotBe(file);
        new CostFile("x", info, new PagedModel(10, layers: 2).Config).Path.ShouldNotBe(file);
    }

    private static Mechanism Split(int decode) => new(Partition, SmSplit.WithDecode(decode, 132));

    private Slowdown Of(int decode) => costs.For(8, 800, 1).Beside.Span[Mechanisms.IndexOf(Split(decode))];

    private void Decode(double seconds, Mechanism? beside = null) => costs.Observe(new StepSample(StepKind.Decode, 0, 0, 8, 800, seconds, beside));

    private void Prefill(int tokens, double seconds, Mechanism? beside = null) => costs.Observe(new StepSample(StepKind.Prefill, tokens, tokens, 0, 0, seconds, beside));
}

file static class CostsLike
{
    public static void ShouldBeLike(this PhaseCosts found, PhaseCosts expected)
    {
        found.DecodeStep!.Value.ShouldBe(expected.DecodeStep!.Value, 1e-12);
        found.PrefillToken.ShouldBe(expected.PrefillToken);
        found.MixedToken.ShouldBe(expected.MixedToken);
        found.Beside.ToArray().ShouldBe(expected.Beside.ToArray());
    }
}
