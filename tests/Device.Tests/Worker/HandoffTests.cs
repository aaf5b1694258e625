using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class HandoffTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<PhaseMode> Modes => [.. Enum.GetValues<PhaseMode>()];

    [Theory, MemberData(nameof(Modes))]
    public async Task Decode_reads_the_very_pages_that_prefill_wrote(PhaseMode mode)
    {
        await using var device = new TestDevice(options: new DeviceOptions { Mode = mode });
        PageId[] prefilled = [], decoded = [];
        device.Runner.OnRun = (_, plan) =>
        {
            if (plan.Prefill.Count > 0) prefilled = plan.Prefill[0].Sequence.Pages.ToArray();
            else if (decoded.Length == 0) decoded = plan.Decode[0].Sequence.Pages.ToArray();
        };
        await device.Generate(Request(Prompt(1, 100), 5), Ct);
        prefilled.Length.ShouldBe(4);
        decoded.ShouldBe(prefilled);
        device.Worker.Statistics.Handoffs.ShouldBe(1);
        device.Worker.Statistics.HandoffPagesCopied.ShouldBe(0);
    }

    [Fact]
    public async Task A_handoff_says_how_long_the_prompt_waited_and_was_computed()
    {
        await using var device = new TestDevice(options: new DeviceOptions { Mode = PhaseMode.Serial, MaxSequences = 1 });
        using var gate = new StepGate(device.Runner);
        var first = device.Generate(Request(Prompt(1, 10), 2), Ct);
        await gate.Arrival();
        var second = device.Worker.Prefill(Request(Prompt(2, 70), 2), Ct);
        device.Time.Advance(TimeSpan.FromSeconds(2));
        gate.Pass();                    // prefill of the first
        await gate.PassNext();          // its second and last token
        await gate.Arrival();           // prefill of the second
        device.Time.Advance(TimeSpan.FromSeconds(1));
        gate.Open();
        await first;
        var handoff = await second;
        handoff.PromptLength.ShouldBe(70);
        handoff.CachedLength.ShouldBe(0);
        handoff.Queue.ShouldBe(TimeSpan.FromSeconds(2));
        handoff.Prefill.ShouldBe(TimeSpan.FromSeconds(1));
        device.Worker.Release(handoff.Lease);
    }

    [Fact]
    public async Task A_lease_can_be_inspected_through_its_phases()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var prefill = device.Worker.Prefill(Request(Prompt(1, 100), 5), Ct);
        await gate.Arrival();
        var lease = new LeaseId(device.Worker.Incarnation, 1);
        device.Worker.Inspect(lease).ShouldBe(new LeaseInfo(lease, SequencePhase.Prefilling, Tokens: 100, Pages: 4, SharedPages: 0));
        gate.Pass();
        (await prefill).Lease.ShouldBe(lease);
        device.Worker.Inspect(lease).ShouldBe(new LeaseInfo(lease, SequencePhase.Decoding, 101, 4, 0));
        gate.Open();
        await device.UntilNoPageIsLeased();
        device.Worker.Inspect(lease).ShouldBe(new LeaseInfo(lease, SequencePhase.Ended, 105, 0, 0));
    }

    [Fact]
    public async Task The_load_counts_what_waits_what_runs_and_what_is_left_to_compute()
    {
        await using var device = new TestDevice(new PagedRunner(maxTokens: 64), new DeviceOptions { Mode = PhaseMode.Serial, MaxSequences = 2 });
        using var gate = new StepGate(device.Runner);
        var first = device.Generate(Request(Prompt(1, 100), 2), Ct);
        await gate.PassNext();
        await gate.Arrival();           // 36 of 100 are left
        var others = Enumerable.Range(2, 3).Select(i => device.Generate(Request(Prompt(i, 10), 2), Ct)).ToList();
        var load = device.Worker.Load;
        load.Running.ShouldBe(1);
        load.Waiting.ShouldBe(3);
        load.QueuedTokens.ShouldBe(36 + 30);
        gate.Open();
        await Task.WhenAll([first, .. others]);
        (device.Worker.Load with { CachedPrefixes = [] }).ShouldBe(new DeviceLoad(0, 0, 0, []));
    }
}
