using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class RefusalTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_prompt_that_leaves_no_room_in_the_context_is_refused_at_once()
    {
        await using var device = new TestDevice(options: new DeviceOptions { Mode = PhaseMode.Serial, MaxModelLength = 100 });
        (await Refused(device, Request(new int[100], 1))).Reason.ShouldBe(DeviceRefusal.TooLong);
        (await device.Generate(Request(new int[99], 10), Ct)).Tokens.Count.ShouldBe(1);     // the context's end
    }

    [Fact]
    public async Task A_prompt_that_needs_more_pages_than_there_are_is_refused_at_once()
    {
        await using var device = new TestDevice(new PagedRunner(pageCount: 4));
        device.Worker.ContextLength.ShouldBe(4 * 32 - 2);
        (await Refused(device, Request(new int[126], 1))).Reason.ShouldBe(DeviceRefusal.NeverFits);
        var (tokens, end) = await device.Generate(Request(new int[100], 1000), Ct);
        tokens.Count.ShouldBe(26);
        end.Reason.ShouldBe(EndReason.Length);
    }

    [Fact]
    public async Task A_runner_without_probes_refuses_what_needs_them()
    {
        await using var device = new TestDevice();
        (await Refused(device, Request(new int[9], 1) with { Probe = new(9, 8, Gpu.Pooling.Mean, null) })).Reason.ShouldBe(DeviceRefusal.Unserved);
    }

    [Fact]
    public async Task A_full_queue_refuses_and_says_when_to_come_back()
    {
        await using var device = new TestDevice(options: new DeviceOptions { Mode = PhaseMode.Serial, MaxSequences = 1, QueueLimit = 2 });
        using var gate = new StepGate(device.Runner);
        var running = device.Generate(Request(new int[5], 3), Ct);
        await gate.Arrival();       // it has left the queue
        var waiting = new[] { device.Generate(Request(new int[6], 3), Ct), device.Generate(Request(new int[7], 3), Ct) };
        var refusal = await Refused(device, Request(new int[8], 3));
        refusal.Reason.ShouldBe(DeviceRefusal.QueueFull);
        refusal.RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        gate.Open();
        await Task.WhenAll([running, .. waiting]);
        (await device.Generate(Request(new int[8], 3), Ct)).Tokens.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_request_that_contradicts_itself_is_refused()
    {
        await using var device = new TestDevice();
        foreach (var request in new[]
        {
            Request([], 1),
            Request([1, 2], 0),
            Request([1, -1], 1),
            Request([1, 1000], 1),
            Request([1, 2], 1) with { OutputStart = 3 },
            Request([1, 2], 1) with { OutputStart = -1 },
            Request([1, 2, 3], 2) with { OutputStart = 1 },     // two tokens delivered already
            Request([1, 2], 1) with { Sampling = SamplingParams.Greedy with { TopLogprobs = PagedRunner.MaxTopLogprobs + 1 } },
        }) (await Refused(device, request)).Reason.ShouldBe(DeviceRefusal.Invalid);
        device.Worker.Pages.Free.ShouldBe(device.Worker.Pages.Total);
    }

    [Fact]
    public async Task A_lease_of_another_incarnation_is_refused_everywhere()
    {
        await using var device = new TestDevice();
        var handoff = await device.Worker.Prefill(Request([1, 2], 5), Ct);
        var stale = handoff.Lease with { Incarnation = handoff.Lease.Incarnation - 1 };
        foreach (var call in new Action[]
        {
            () => device.Worker.Attach(stale, 0), () => device.Worker.Stop(stale, 0), () => device.Worker.Release(stale), () => device.Worker.Inspect(stale),
        }) Should.Throw<DeviceRefusedException>(call).Reason.ShouldBe(DeviceRefusal.StaleLease);
        device.Worker.Release(handoff.Lease);
    }

    [Fact]
    public async Task A_lease_that_was_never_given_out_is_unknown_and_one_that_is_gone_is_ignored()
    {
        await using var device = new TestDevice();
        var handoff = await device.Worker.Prefill(Request([1, 2], 5), Ct);
        var never = new LeaseId(handoff.Lease.Incarnation, handoff.Lease.Number + 1);
        Should.Throw<DeviceRefusedException>(() => device.Worker.Release(never)).Reason.ShouldBe(DeviceRefusal.UnknownLease);
        device.Worker.Release(handoff.Lease);

        device.Worker.Release(handoff.Lease).ShouldBeFalse();
        device.Worker.Stop(handoff.Lease, 0);
        device.Worker.Inspect(handoff.Lease).ShouldBeNull();
        Should.Throw<DeviceRefusedException>(() => device.Worker.Attach(handoff.Lease, 0)).Reason.ShouldBe(DeviceRefusal.UnknownLease);
    }

    [Fact]
    public void A_mode_that_the_runner_lacks_does_not_start()
    {
        using var runner = new PagedRunner(modes: [PhaseMode.Adaptive, PhaseMode.Serial]);
        foreach (var mode in new[] { PhaseMode.Chunked, PhaseMode.Streams, PhaseMode.Partition })
            Should.Throw<PhaseModeException>(() => Start(runner, new DeviceOptions { Mode = mode })).Mode.ShouldBe(mode);
    }

    [Fact]
    public void Options_out_of_range_do_not_start()
    {
        using var runner = new PagedRunner();
        foreach (var options in new[]
        {
            new DeviceOptions { MaxModelLength = 1 }, new DeviceOptions { MaxSequences = 0 }, new DeviceOptions { MaxBatchedTokens = 1 },
            new DeviceOptions { PrefillSlice = 0 }, new DeviceOptions { QueueLimit = 0 }, new DeviceOptions { HandoffTimeout = TimeSpan.Zero },
            new DeviceOptions { ConsumerIdleTimeout = TimeSpan.Zero }, new DeviceOptions { ItlTarget = TimeSpan.Zero }, new DeviceOptions { Mode = (PhaseMode)17 },
        }) Should.Throw<ArgumentOutOfRangeException>(() => Start(runner, options));
    }

    [Fact]
    public void A_runner_without_room_for_a_prompt_token_beside_a_decode_row_does_not_start()
    {
        using var runner = new PagedRunner(maxTokens: 1);
        Should.Throw<ArgumentOutOfRangeException>(() => Start(runner, new DeviceOptions()));
    }

    private static DeviceWorker Start(PagedRunner runner, DeviceOptions options) =>
        new(runner, options, TimeProvider.System, NullLogger<DeviceWorker>.Instance);

    private static Task<DeviceRefusedException> Refused(TestDevice device, PromptRequest request) =>
        Should.ThrowAsync<DeviceRefusedException>(() => device.Worker.Prefill(request, Ct));
}
