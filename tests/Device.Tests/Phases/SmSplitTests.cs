using Splitwiser.Gpu;

namespace Splitwiser.Device.Tests.Phases;

public sealed class SmSplitTests
{
    [Fact]
    public void An_h100_has_seven_splits_with_whole_groups_for_prefill() =>
        SmSplit.For(132).ShouldBe([new(20, 112), new(28, 104), new(36, 96), new(44, 88), new(52, 80), new(68, 64), new(84, 48)]);

    [Theory, InlineData(16), InlineData(24), InlineData(46), InlineData(78), InlineData(108), InlineData(114), InlineData(132), InlineData(144)]
    public void A_split_uses_every_multiprocessor_and_leaves_neither_phase_without(int processors)
    {
        var splits = SmSplit.For(processors);
        splits.ShouldNotBeEmpty();
        splits.ShouldBeUnique();
        splits.ShouldAllBe(split => split.Decode + split.Prefill == processors && split.Prefill % 8 == 0 && split.Prefill >= 8 && split.Decode >= 8);
        splits.Select(split => split.Decode).ShouldBeInOrder();
    }

    [Theory, InlineData(0), InlineData(8), InlineData(15)]
    public void Too_few_are_not_split(int processors) => SmSplit.For(processors).ShouldBeEmpty();

    [Theory]
    [InlineData(32, 36), InlineData(36, 36), InlineData(37, 44), InlineData(1, 12), InlineData(124, 124)]
    public void Decode_gets_at_least_what_was_asked_for(int asked, int given) => SmSplit.WithDecode(asked, 132)!.Value.Decode.ShouldBe(given);

    [Theory, InlineData(0), InlineData(-3), InlineData(125), InlineData(132), InlineData(1000)]
    public void What_leaves_a_phase_without_is_no_split(int asked) => SmSplit.WithDecode(asked, 132).ShouldBeNull();

    [Fact]
    public void Of_several_the_smallest_that_is_large_enough_is_picked()
    {
        var splits = SmSplit.For(132);
        SmSplit.Pick(splits, 33).ShouldBe(new SmSplit(36, 96));
        SmSplit.Pick(splits, 1).ShouldBe(new SmSplit(20, 112));
        SmSplit.Pick(splits, 85).ShouldBeNull();
        SmSplit.Pick([], 1).ShouldBeNull();
    }
}
