using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class AllocationTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(PhaseMode.Serial, 1), InlineData(PhaseMode.Chunked, 2), InlineData(PhaseMode.Streams, 1), InlineData(PhaseMode.Streams, 2), InlineData(PhaseMode.Adaptive, 2)]
    public async Task A_decode_step_allocates_nothing_on_its_lane_whether_readers_wait_or_not(PhaseMode mode, int depth)
    {
        await using var device = new TestDevice(new PagedRunner(pageCount: 200, queueDepth: depth), new DeviceOptions { Mode = mode, MaxModelLength = 2000 });
        using var gate = new StepGate(device.Runner);
        var prefills = Enumerable.Range(0, 4).Select(i => device.Worker.Prefill(Request(Prompt(i, 30), 500), Ct)).ToList();
        await gate.PassUntil(() => prefills.All(prefill => prefill.IsCompleted));
        var readers = new List<TokenReader>();
        foreach (var prefill in prefills) readers.Add(device.Worker.Attach((await prefill).Lease, 0));

        var allocated = new List<long>(2000);
        device.Runner.OnRun = (_, plan) =>
        {
            // From when all four decode until the first is near its end: an end is written down once per sequence.
            if (plan.Decode.Count < 4) return;
            for (var i = 0; i < 4; i++)
                if (plan.Decode[i].Position > 500) return;
            // Two readers keep pace, so that every step wakes them and no queue of the thread pool has to grow; two don't read.
            while (!readers[0].IsWaiting || !readers[1].IsWaiting) Thread.Yield();
            allocated.Add(GC.GetAllocatedBytesForCurrentThread());
        };
        gate.Open();
        await Task.WhenAll(readers.Take(2).Select(reader => ReadAll(reader, Ct)));
        await device.UntilNoPageIsLeased();

        allocated.Count.ShouldBeGreaterThan(200);
        (allocated[^1] - allocated[100]).ShouldBe(0);
    }
}
