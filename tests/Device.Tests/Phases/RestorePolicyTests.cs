using Splitwiser.Gpu.Phases;

namespace Splitwiser.Device.Tests.Phases;

public sealed class RestorePolicyTests
{
    /// <summary>10 pages are 320 tokens.</summary>
    [Theory]
    [InlineData(0, 0, 0.001, 1.0, false)]           // nothing to restore
    [InlineData(10, 0, null, 0.001, true)]          // not measured: it is tried
    [InlineData(10, 0, 0.001, 0.0, true)]
    [InlineData(10, 0, 0.031, 0.001, true)]         // 310 ms of copies, 320 ms of computing
    [InlineData(10, 0, 0.033, 0.001, false)]
    [InlineData(10, 5, 0.022, 0.001, false)]        // 330 ms with those before it
    [InlineData(10, 4, 0.022, 0.001, true)]
    public void Pages_are_copied_when_that_is_predicted_to_be_done_first(int pages, int ahead, double? secondsPerPage, double secondsPerToken, bool restores) =>
        RestorePolicy.Restores(pages, ahead, secondsPerPage, secondsPerToken).ShouldBe(restores);

    [Theory]
    [InlineData(1600, 100, 0, 1600, 8, 0)]          // a sixteenth is free
    [InlineData(1600, 40, 20, 1580, 8, 40)]
    [InlineData(1600, 0, 0, 3, 8, 1)]               // running sequences keep two
    [InlineData(1600, 0, 0, 2, 8, 0)]
    [InlineData(100_000, 0, 0, 50_000, 8, 256)]     // no more than that, however large the pool
    [InlineData(4, 0, 0, 4, 0, 1)]
    public void A_sixteenth_of_the_pool_is_kept_free_as_long_as_running_sequences_can_grow(int total, int free, int leaving, int available, int running, int wanted) =>
        OffloadPolicy.Wanted(total, free, leaving, available, running).ShouldBe(wanted);
}
