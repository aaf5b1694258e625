using Splitwiser.Gpu.Cuda;

namespace Splitwiser.Gpu.Tests.Partition;

/// <summary>What is made of the multiprocessors that were read back: no card is needed.</summary>
public sealed class SmSetTests
{
    private static readonly SmSet Decode = SmSet.Of([0, 1, 2, 3, 1, 1, 8, 9, 10, 11, 3]), Prefill = SmSet.Of([4, 5, 6, 7, 12, 13, 14, 15]);

    [Fact]
    public void Blocks_of_one_multiprocessor_count_once()
    {
        Decode.Count.ShouldBe(8);
        Decode.ToString().ShouldBe("0-3, 8-11");
        SmSet.Of([7, 3, 4]).ToString().ShouldBe("3-4, 7");
        Decode.Contains(9).ShouldBeTrue();
        Decode.Contains(4).ShouldBeFalse();
        Decode.Contains(SmSet.Of([1, 9])).ShouldBeTrue();
        Decode.Contains(SmSet.Of([1, 4])).ShouldBeFalse();
    }

    [Fact]
    public void Two_shares_of_the_right_sizes_that_have_nothing_in_common_are_a_split() =>
        SmPartition.Flaw(new SmSplit(8, 8), Decode, Prefill).ShouldBeNull();

    [Fact]
    public void Anything_else_is_told()
    {
        SmPartition.Flaw(new SmSplit(7, 8), Decode, Prefill).ShouldBe("Decode of 7/8 ran on 8 multiprocessors: 0-3, 8-11.");
        SmPartition.Flaw(new SmSplit(8, 9), Decode, Prefill)!.ShouldStartWith("Prefill of 8/9 ran on 8 multiprocessors");
        SmPartition.Flaw(new SmSplit(8, 8), Decode, SmSet.Of([4, 5, 6, 7, 11, 13, 14, 15]))!.ShouldStartWith("Both phases of 8/8 ran on the same multiprocessors");
    }

    [Fact]
    public void Without_green_contexts_there_are_no_partitions_but_a_reason()
    {
        if (CudaDevice.Find(out _).Count > 0) Assert.Skip("This machine has them.");
        var device = new CudaDevice(0, "a card", 90, 132, 50 << 20, 80L << 30, 232448);
        SmPartition.Build(device, SmSplit.For(132), out var problem).ShouldBeEmpty();
        problem!.ShouldContain("too old to part the multiprocessors");
        SmPartition.Build(device, [], out problem).ShouldBeEmpty();
        problem.ShouldBeNull();
    }
}
