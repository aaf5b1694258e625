using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class StatisticsTests
{
    [Fact]
    public async Task Everything_that_was_done_is_counted_once()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var device = new TestDevice(new PagedRunner(maxTokens: 64));
        device.Runner.Cost = (_, plan) => TimeSpan.FromMilliseconds(plan.TokenCount);
        await device.Generate(Request(Prompt(1, 100), 5), ct);
        var ends = Request(Prompt(2, 10), 50);
        await device.Generate(ends with { Sampling = new SamplingParams { Temperature = 0, EndTokenIds = [device.Alone(ends)[0]] } }, ct);
        var released = await device.Worker.Prefill(Request(Prompt(3, 10), 1), ct);
        device.Worker.Release(released.Lease);

        var statistics = device.Worker.Statistics;
        statistics.PromptTokens.ShouldBe(120);
        statistics.PrefilledTokens.ShouldBe(120);
        statistics.GeneratedTokens.ShouldBe(7);
        statistics.Handoffs.ShouldBe(3);
        statistics.HandoffTime.Count.ShouldBe(3);
        statistics.EndedByLength.ShouldBe(2);       // the released one had ended
        statistics.EndedByToken.ShouldBe(1);
        statistics.Released.ShouldBe(0);
        statistics.PrefillSteps.ShouldBe(new StepStatistics(4, 120, TimeSpan.FromMilliseconds(120), 16, TimeSpan.FromMilliseconds(16 * 120)));
        statistics.DecodeSteps.ShouldBe(new StepStatistics(4, 4, TimeSpan.FromMilliseconds(4), 16, TimeSpan.FromMilliseconds(16 * 4)));
        statistics.MixedSteps.Count.ShouldBe(0);
        statistics.StepTokens.Count.ShouldBe(8);
        statistics.StepTokens.Sum.ShouldBe(124);
        statistics.TokenGap.Count.ShouldBe(4);
    }
}
