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
        costs.For(8, 1000).DecodeStep.ShouldBeNull();
        costs.For(8, 1000).PrefillToken.ShouldBeNull();
    }

    [Fact]
    public void Each_phase_alone_then_together()
    {
        Decode(0.010);
        Prefill(100, 0.020);
        costs.Observe(new StepSample(StepKind.Mixed, 100, 8, 800, 0.025));      // 15 ms more than the decode rows alone
        Decode(0.016, new Mechanism(SideBySide));
        Prefill(50, 0.015, new Mechanism(SideBySide));                          // 10 ms alone
        var found = costs.For(8, 800);
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
        Prefill(100, 0.010);
        var guessed = Of(44);
        Decode(0.030, Split(52));       // twice the guess or so
        Prefill(100, 0.040, Split(52));
        var (near, far) = (Of(44), Of(20));
        guessed.ShouldBe(new Slowdown(0.93 * SlowdownGuess.Of(Split(44)).Decode, 0.93 * SlowdownGuess.Of(Split(44)).Prefill));     // a little better than the guess, to be tried
        var factor = 0.98 * 3.0 / SlowdownGuess.Of(Split(52)).Decode;
        near.Decode.ShouldBe(SlowdownGuess.Of(Split(44)).Decode * factor, 1e-9);
        far.Decode.ShouldBe(SlowdownGuess.Of(Split(20)).Decode * factor, 1e-9);
        near.Prefill.ShouldBe(0.98 * SlowdownGuess.Of(Split(44)).Prefill * 4 / SlowdownGuess.Of(Split(52)).Prefill, 1e-9);
        Of(52).Decode.ShouldBe(3, 1e-9);
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
        Prefill(100, 0.010);
        costs.Observe(new StepSample(StepKind.Mixed, 100, 8, 800, 0.020));
        Decode(0.030, Split(52));
        double Mixed() => costs.For(8, 800).MixedToken;
        Mixed().ShouldBe(0.0001, 1e-9);
        for (var i = 0; i < 8190; i++) Decode(0.010);
        Mixed().ShouldBe(0.0001, 1e-9);
        for (var i = 0; i < 3; i++) Decode(0.010);
        Mixed().ShouldBe(0.00009, 1e-9);
        Of(52).Decode.ShouldBe(2.7, 1e-9);
        for (var i = 0; i < 10 * 8192; i++) Decode(0.010);
        Mixed().ShouldBe(0.00005, 1e-9);        // and not for nothing
    }

    [Fact]
    public void What_was_learned_goes_on_after_a_restart()
    {
        Decode(0.010);
        Prefill(100, 0.010);
        Decode(0.025, Split(36));
        Prefill(100, 0.015, Split(36));
        using var folder = new TemporaryFolder();
        var file = new CostFile(folder.Path, new PagedRunner().Info, new PagedModel(10).Config);
        file.Read().ShouldBeNull();
        file.Write(costs.Record());
        var again = new StepCosts(Mechanisms);
        again.Restore(file.Read()!);
        again.For(8, 800).ShouldBeLike(costs.For(8, 800));
        var fewer = new StepCosts([new(Turns), Split(36)]);
        fewer.Restore(file.Read()!);
        fewer.For(8, 800).Beside.Span[1].Decode.ShouldBe(2.5, 1e-9);
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

    private Slowdown Of(int decode) => costs.For(8, 800).Beside.Span[Mechanisms.IndexOf(Split(decode))];

    private void Decode(double seconds, Mechanism? beside = null) => costs.Observe(new StepSample(StepKind.Decode, 0, 8, 800, seconds, beside));

    private void Prefill(int tokens, double seconds, Mechanism? beside = null) => costs.Observe(new StepSample(StepKind.Prefill, tokens, 0, 0, seconds, beside));
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
