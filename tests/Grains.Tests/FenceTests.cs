namespace Splitwiser.Grains.Tests;

public sealed class FenceTests
{
    [Fact]
    public async Task How_a_request_stands_is_how_its_newest_call_stands()
    {
        var ends = TestContext.Current.CancellationToken;
        var fence = new Fence();
        fence.State.ShouldBe(RequestState.Unknown);
        var first = await fence.Take(ends);
        fence.State.ShouldBe(RequestState.AtWork);
        var firstYield = first.Park();
        fence.State.ShouldBe(RequestState.WaitsForReader);

        var second = await fence.Take(ends);
        fence.State.ShouldBe(RequestState.AtWork, "the first one stands at its yield still");
        var secondYield = second.Park();
        firstYield.Dispose();
        first.Dispose();
        fence.State.ShouldBe(RequestState.WaitsForReader, "the first one's reader does not matter");
        secondYield.Dispose();
        fence.State.ShouldBe(RequestState.AtWork);
        second.Dispose();
        fence.State.ShouldBe(RequestState.Unknown);
    }
}
