using Splitwiser.Gpu.Phases;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Phases;

public sealed class PreemptionPolicyTests
{
    [Theory]
    [InlineData(new long[] { 5 }, 0)]
    [InlineData(new long[] { 1, 2, 3 }, 2)]
    [InlineData(new long[] { 9, 2, 3 }, 0)]
    [InlineData(new long[] { 4, 8, 6 }, 1)]
    public void The_youngest_gives_way(long[] numbers, int index) => PreemptionPolicy.Youngest(numbers).ShouldBe(index);

    [Fact]
    public void The_oldest_never_gives_way_while_there_is_another() => Property.Holds<long[]>(given =>
    {
        var numbers = given.Distinct().ToArray();
        if (numbers.Length < 2) return;
        var chosen = numbers[PreemptionPolicy.Youngest(numbers)];
        chosen.ShouldBe(numbers.Max());
        chosen.ShouldNotBe(numbers.Min());
    });
}
