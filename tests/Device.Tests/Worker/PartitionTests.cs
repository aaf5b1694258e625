using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class PartitionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, InlineData(null, 4), InlineData(4, 4), InlineData(5, 8)]
    public async Task A_fixed_split_confines_every_step_and_the_statistics_say_to_what(int? asked, int decode)
    {
        var splits = new HashSet<SmSplit?>();
        await using var device = new TestDevice(options: new DeviceOptions { Mode = PhaseMode.Partition, DecodeProcessors = asked });
        device.Runner.OnRun = (_, plan) =>
        {
            lock (splits) splits.Add(plan.Split);
        };
        var requests = Enumerable.Range(0, 8).Select(i => Request(Prompt(i, 90), 30)).ToList();
        var answers = await Task.WhenAll(requests.Select(request => device.Generate(request, Ct)));
        for (var i = 0; i < requests.Count; i++) answers[i].Tokens.ShouldBe(device.Alone(requests[i]));

        splits.ShouldBe([new SmSplit(decode, 16 - decode)]);
        var statistics = device.Worker.Statistics;
        statistics.DecodeSteps.Processors.ShouldBe(decode);
        statistics.PrefillSteps.Processors.ShouldBe(16 - decode);
        statistics.DecodeSteps.ProcessorTime.ShouldBe(statistics.DecodeSteps.Time * decode);
        statistics.HandoffPagesCopied.ShouldBe(0);
    }

    [Fact]
    public void A_device_that_can_not_be_split_refuses_the_mode_and_says_why()
    {
        using var runner = new PagedRunner(modes: [PhaseMode.Adaptive, PhaseMode.Serial]);
        var refusal = Should.Throw<PhaseModeException>(() => Open(runner, null));
        refusal.Mode.ShouldBe(PhaseMode.Partition);
        refusal.Message.ShouldContain("can't run mode Partition");
        new PhaseModeException(PhaseMode.Partition, runner.Info with { SplitProblem = "No green contexts." }).Message.ShouldEndWith("No green contexts.");
    }

    [Fact]
    public void More_multiprocessors_for_decode_than_any_split_has_are_refused()
    {
        using var runner = new PagedRunner();
        Should.Throw<PhaseModeException>(() => Open(runner, 9)).Message.ShouldContain("no split that leaves decode 9 multiprocessors or more; it has 4/12, 8/8");
    }

    [Fact]
    public async Task The_adaptive_mode_splits_the_device_only_while_both_phases_run()
    {
        // The shortest turn breaks the target here, a split keeps it.
        using var runner = new PagedRunner(pageCount: 400, layers: 4, modes: [PhaseMode.Adaptive, PhaseMode.Serial, PhaseMode.Partition]);
        var alone = 0;
        runner.Cost = (_, plan) => TimeSpan.FromMicroseconds(plan.Prefill.Count > 0 ? 100 * plan.TokenCount : 1000);
        await using var device = new TestDevice(runner, new DeviceOptions { Mode = PhaseMode.Adaptive, MaxModelLength = 10_000, ItlTarget = TimeSpan.FromMilliseconds(3), BacklogWait = TimeSpan.FromSeconds(60) });
        var splits = new HashSet<SmSplit>();
        runner.OnRun = (_, plan) =>
        {
            lock (splits)
                if (plan.Split is { } split) splits.Add(split);
                else if (plan.Decode.Count > 0) alone++;
        };
        var background = device.Generate(Request(Prompt(1, 10), 4000), Ct);
        for (var i = 0; i < 40; i++)
        {
            var request = Request(Prompt(i, 200), 2);
            (await device.Generate(request, Ct)).Tokens.ShouldBe(device.Alone(request));
        }

        (await background).Tokens.Count.ShouldBe(4000);
        splits.ShouldNotBeEmpty();
        alone.ShouldBeGreaterThan(0);
        device.Worker.Statistics.DecodeSteps.Processors.ShouldBe(16);       // the last ones had the device for themselves
    }

    private static DeviceWorker Open(PagedRunner runner, int? decode) =>
        new(runner, new DeviceOptions { Mode = PhaseMode.Partition, DecodeProcessors = decode }, TimeProvider.System, NullLogger<DeviceWorker>.Instance);
}
