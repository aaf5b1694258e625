using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class CancellationTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<PhaseMode> Modes => [PhaseMode.Serial, PhaseMode.Chunked, PhaseMode.Streams, PhaseMode.Adaptive];

    [Fact]
    public async Task A_call_cancelled_before_it_is_made_leases_nothing()
    {
        await using var device = new TestDevice();
        await Should.ThrowAsync<OperationCanceledException>(() => device.Worker.Prefill(Request([1], 1), new CancellationToken(true)));
        device.Worker.Load.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task A_prompt_cancelled_in_the_queue_leaves_it()
    {
        using var cancel = new CancellationTokenSource();
        (await LeavesTheQueue(Request(Prompt(2, 10), 3), cancel.Token, _ => cancel.Cancel())).CancellationToken.ShouldBe(cancel.Token);
    }

    [Fact]
    public Task A_prompt_withdrawn_in_the_queue_leaves_it()
    {
        var ticket = Guid.NewGuid();
        return LeavesTheQueue(Request(Prompt(2, 10), 3) with { Ticket = ticket }, Ct, worker =>
        {
            worker.Withdraw(Guid.NewGuid()).ShouldBeFalse();
            worker.Withdraw(ticket).ShouldBeTrue();
        });
    }

    [Fact]
    public async Task A_prompt_withdrawn_when_decode_owns_its_pages_gives_them_back()
    {
        await using var device = new TestDevice();
        var ticket = Guid.NewGuid();
        var handoff = await device.Worker.Prefill(Request(Prompt(1, 10), 1000) with { Ticket = ticket }, Ct);
        device.Worker.Withdraw(ticket).ShouldBeTrue();
        device.Worker.Inspect(handoff.Lease).ShouldBeNull();
        await device.UntilNoPageIsLeased();     // no time passes for the worker: no timeout has done it
        device.Worker.Withdraw(ticket).ShouldBeFalse();
    }

    [Theory, MemberData(nameof(Modes))]
    public async Task A_prompt_cancelled_between_its_chunks_gives_its_pages_back_with_the_step_in_flight(PhaseMode mode)
    {
        await using var device = new TestDevice(new PagedRunner(maxTokens: 64), new DeviceOptions { Mode = mode });
        using var gate = new StepGate(device.Runner);
        using var cancel = new CancellationTokenSource();
        var prefill = device.Worker.Prefill(Request(Prompt(1, 500), 3), cancel.Token);
        await gate.PassNext();
        await gate.Arrival();       // the second chunk of eight
        device.Worker.Pages.Leased.ShouldBe(16);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => prefill);
        device.Worker.Pages.Leased.ShouldBe(16);    // a step still writes there
        gate.Pass();
        await device.UntilNoPageIsLeased();
        device.Worker.Pages.Cached.ShouldBe(4);     // two chunks were computed
        device.Worker.Statistics.PrefillSteps.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Cancelling_after_the_handoff_changes_nothing()
    {
        await using var device = new TestDevice();
        using var cancel = new CancellationTokenSource();
        var request = Request(Prompt(1, 10), 50);
        var handoff = await device.Worker.Prefill(request, cancel.Token);
        await cancel.CancelAsync();
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        (await ReadAll(reader, Ct)).Tokens.ShouldBe(device.Alone(request));
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task A_cancelled_decode_gives_back_every_page(int depth)
    {
        await using var device = new TestDevice(new PagedRunner(queueDepth: depth));
        using var gate = new StepGate(device.Runner);
        var prefill = device.Worker.Prefill(Request(Prompt(1, 100), 500), Ct);
        for (var ahead = 0; ahead < depth; ahead++) await gate.PassNext();     // the prompt's step is read when no more fit behind it
        var handoff = await prefill;
        await gate.PassNext();
        await gate.Arrival();
        device.Worker.Release(handoff.Lease).ShouldBeTrue();
        device.Worker.Pages.Leased.ShouldBe(4);
        gate.Pass();
        await device.UntilNoPageIsLeased();
    }

    [Fact]
    public async Task A_prompt_without_a_ticket_is_withdrawn_by_none()
    {
        await using var device = new TestDevice();
        var handoff = await device.Worker.Prefill(Request(Prompt(1, 10), 5), Ct);
        device.Worker.Withdraw(Guid.Empty).ShouldBeFalse();
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        (await ReadAll(reader, Ct)).Tokens.Count.ShouldBe(5);
    }

    /// <summary>A prompt waits behind one that runs, and is made to leave; the other one goes on.</summary>
    private static async Task<OperationCanceledException> LeavesTheQueue(PromptRequest request, CancellationToken ct, Action<DeviceWorker> leave)
    {
        await using var device = new TestDevice(options: new DeviceOptions { Mode = PhaseMode.Serial, MaxSequences = 1 });
        using var gate = new StepGate(device.Runner);
        var first = device.Generate(Request(Prompt(1, 10), 3), Ct);
        await gate.Arrival();
        var waits = device.Worker.Prefill(request, ct);
        device.Worker.Load.Waiting.ShouldBe(1);
        leave(device.Worker);
        var left = await Should.ThrowAsync<OperationCanceledException>(() => waits);
        device.Worker.Load.Waiting.ShouldBe(0);
        gate.Open();
        (await first).Tokens.Count.ShouldBe(3);
        return left;
    }
}
