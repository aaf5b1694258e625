using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Tests.Models;

namespace Splitwiser.Gpu.Tests.Partition;

/// <summary>The splits of the card, read back by %smid.</summary>
public sealed class SmPartitionTests
{
    [Fact]
    public void Every_split_has_the_multiprocessors_that_it_says_and_the_phases_share_none()
    {
        using var rig = Split();
        var info = rig.Runner.Info;
        TestContext.Current.TestOutputHelper?.WriteLine($"{info.DeviceName}: {info.Multiprocessors} multiprocessors; {string.Join(", ", info.Splits)}; {info.SplitProblem ?? "no problem"}");
        info.SplitProblem.ShouldBeNull();
        info.Modes.ShouldContain(Phases.PhaseMode.Partition);
        info.Splits.ShouldBe(SmSplit.For(info.Multiprocessors));
        foreach (var split in info.Splits)
        {
            var (decode, prefill) = (rig.Runner.WitnessOf(Lane.Decode, split), rig.Runner.WitnessOf(Lane.Prefill, split));
            TestContext.Current.TestOutputHelper?.WriteLine($"{split}: decode {decode.Seen} | prefill {prefill.Seen}");
            decode.Seen.Count.ShouldBe(split.Decode);
            prefill.Seen.Count.ShouldBe(split.Prefill);
            decode.Seen.Overlaps(prefill.Seen).ShouldBeFalse();
        }
    }

    [Fact]
    public void A_graph_runs_where_it_was_captured_whoever_launches_it()
    {
        using var rig = Split();
        foreach (var split in rig.Runner.Info.Splits)
        {
            foreach (var lane in Enum.GetValues<Lane>())
            {
                var witness = rig.Runner.WitnessOf(lane, split);
                witness.Replayed.ToString().ShouldBe(witness.Seen.ToString());
                witness.ReplayOn(Card.Required.Stream).ToString().ShouldBe(witness.Seen.ToString(), $"{lane} of {split}, launched on a stream of the whole device");
            }
        }
    }

    [Fact]
    public void A_split_that_the_runner_was_not_made_with_is_refused()
    {
        using var rig = Split([16]);
        rig.Runner.Info.Splits.Length.ShouldBe(1);
        rig.Split = new SmSplit(1, 1);
        Should.Throw<ArgumentException>(() => rig.Prefill(rig.Start([1, 2, 3]))).Message.ShouldContain("was not split 1/1");
        using var whole = Split([]);
        whole.Runner.Info.Splits.ShouldBeEmpty();
        whole.Runner.Info.SplitProblem.ShouldBeNull();
        whole.Runner.Info.Modes.ShouldNotContain(Phases.PhaseMode.Partition);
    }

    /// <param name="decodes">Null for all splits of the card.</param>
    internal static GpuRig Split(int[]? decodes = null, string fixture = "llama", bool invariant = false) => new(
        fixture == "demo" ? Repository.DemoModel : Repository.Fixture(fixture),
        new CudaRunnerOptions { PageCount = 256, MaxRows = 64, MaxTokens = 512, MaxSequences = GpuRig.Slots, Splits = decodes, BatchInvariant = invariant });
}
