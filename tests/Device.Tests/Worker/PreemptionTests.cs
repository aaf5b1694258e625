using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class PreemptionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<PhaseMode, int> ModesAndDepths
    {
        get
        {
            var data = new TheoryData<PhaseMode, int>();
            foreach (var mode in Enum.GetValues<PhaseMode>())
                for (var depth = 1; depth <= 2; depth++) data.Add(mode, depth);
            return data;
        }
    }

    [Theory, MemberData(nameof(ModesAndDepths))]
    public async Task Sequences_that_outgrow_the_pool_take_turns_and_get_the_same_tokens(PhaseMode mode, int depth)
    {
        // Five sequences of up to 8 pages each over 12 pages.
        await using var device = new TestDevice(new PagedRunner(pageCount: 12, queueDepth: depth), new DeviceOptions { Mode = mode });
        var requests = Enumerable.Range(0, 5).Select(i => Request(Prompt(i, 30), 200, cacheOutput: i % 2 == 0)).ToList();
        using var gate = new StepGate(device.Runner);
        var generating = Task.WhenAll(requests.Select(request => device.Generate(request, Ct)));
        gate.Open();        // all of them are in the queue
        var answers = await generating;
        for (var i = 0; i < requests.Count; i++) answers[i].Tokens.ShouldBe(device.Alone(requests[i]));
        device.Worker.Statistics.Preemptions.ShouldBeGreaterThan(0);
        device.Worker.Statistics.HandoffPagesCopied.ShouldBe(0);
        await device.UntilNoPageIsLeased();
    }

    [Fact]
    public async Task The_youngest_gives_way_keeps_its_lease_and_comes_back_before_new_prompts()
    {
        await using var device = new TestDevice(new PagedRunner(pageCount: 6), new DeviceOptions { Mode = PhaseMode.Serial, PrefixCaching = false });
        using var gate = new StepGate(device.Runner);
        var old = Request(Prompt(1, 60), 60);       // 2 pages, up to 4
        var young = Request(Prompt(2, 60), 60);
        var prefills = new[] { device.Worker.Prefill(old, Ct), device.Worker.Prefill(young, Ct) };
        await gate.PassUntil(() => prefills.All(prefill => prefill.IsCompleted));
        var handoffs = await Task.WhenAll(prefills);
        var newcomer = device.Worker.Prefill(Request(Prompt(3, 10), 5), Ct);     // shorter than what is left of the young one

        SequencePhase Phase(int i) => device.Worker.Inspect(handoffs[i].Lease)!.Phase;
        gate.Pass();
        await gate.PassUntil(() => Phase(1) == SequencePhase.Preempted);

        Phase(0).ShouldBe(SequencePhase.Decoding);
        device.Worker.Inspect(handoffs[1].Lease)!.Pages.ShouldBe(0);
        gate.Open();
        var readers = handoffs.Select(handoff => device.Worker.Attach(handoff.Lease, 0)).ToList();
        (await ReadAll(readers[0], Ct)).Tokens.ShouldBe(device.Alone(old));
        (await ReadAll(readers[1], Ct)).Tokens.ShouldBe(device.Alone(young));
        device.Worker.Release((await newcomer).Lease);
    }

    [Fact]
    public async Task A_preempted_sequence_can_be_released()
    {
        await using var device = new TestDevice(new PagedRunner(pageCount: 6), new DeviceOptions { Mode = PhaseMode.Serial, PrefixCaching = false });
        using var gate = new StepGate(device.Runner);
        var prefills = new[] { device.Worker.Prefill(Request(Prompt(1, 60), 60), Ct), device.Worker.Prefill(Request(Prompt(2, 60), 60), Ct) };
        await gate.PassUntil(() => prefills.All(prefill => prefill.IsCompleted));
        var handoffs = await Task.WhenAll(prefills);
        gate.Pass();
        await gate.PassUntil(() => device.Worker.Inspect(handoffs[1].Lease)!.Phase == SequencePhase.Preempted);

        device.Worker.Release(handoffs[1].Lease).ShouldBeFalse();       // it held no pages
        device.Worker.Load.Waiting.ShouldBe(0);
        gate.Open();
        using var reader = device.Worker.Attach(handoffs[0].Lease, 0);
        (await ReadAll(reader, Ct)).Tokens.Count.ShouldBe(60);
    }
}
