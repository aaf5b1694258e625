using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class FairnessTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, InlineData(PhaseMode.Serial), InlineData(PhaseMode.Chunked), InlineData(PhaseMode.Streams)]
    public async Task A_flood_of_short_prompts_cannot_starve_a_long_one(PhaseMode mode)
    {
        await using var device = new TestDevice(
            new PagedRunner(pageCount: 100, maxTokens: 64), new DeviceOptions { Mode = mode, MaxSequences = 4, MaxModelLength = 2000, PrefixCaching = false });
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var flood = Enumerable.Range(0, 8).Select(i => Flood(device, i, over.Token)).ToList();
        await Until(() => device.Worker.Statistics.Handoffs > 20, "the flood runs");

        var before = device.Worker.Statistics.PrefilledTokens;
        var longOne = await device.Worker.Prefill(Request(Prompt(1, 1000), 1), Ct).WaitAsync(TimeSpan.FromSeconds(30), Ct);
        var overtaken = device.Worker.Statistics.PrefilledTokens - before - 1000;
        await over.CancelAsync();
        await Task.WhenAll(flood);
        device.Worker.Release(longOne.Lease);
        overtaken.ShouldBeLessThan(1000 + 8 * 64);      // what arrived before a thousand tokens were computed, and no more
    }

    [Fact]
    public async Task Short_prompts_go_before_a_long_one_that_came_with_them()
    {
        await using var device = new TestDevice(new PagedRunner(maxTokens: 64), new DeviceOptions { Mode = PhaseMode.Serial });
        using var gate = new StepGate(device.Runner);
        var busy = device.Generate(Request(Prompt(9, 10), 2), Ct);
        await gate.Arrival();
        var longOne = device.Worker.Prefill(Request(Prompt(1, 300), 1), Ct);
        var shortOnes = Enumerable.Range(2, 5).Select(i => device.Worker.Prefill(Request(Prompt(i, 20), 1), Ct)).ToList();
        var lengths = new List<int>();      // of the prompts, as their chunks are computed
        var hold = device.Runner.OnRun!;
        device.Runner.OnRun = (lane, plan) =>
        {
            hold(lane, plan);
            lock (lengths) lengths.AddRange(plan.Prefill.Select(segment => segment.Sequence.TokenCount));
        };
        gate.Open();
        await Task.WhenAll([busy, longOne, .. shortOnes]);
        lock (lengths) lengths.LastIndexOf(20).ShouldBeLessThan(lengths.IndexOf(300));
    }

    private static async Task Flood(TestDevice device, int seed, CancellationToken over)
    {
        for (var i = 0; !over.IsCancellationRequested; i++) await device.Generate(Request(Prompt(100 * seed + i, 20), 2), Ct);
    }
}
