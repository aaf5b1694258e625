using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class TimeoutTests
{
    private static readonly TimeSpan Almost5 = TimeSpan.FromSeconds(4.9);
    private static readonly TimeSpan Almost10 = TimeSpan.FromSeconds(9.9);
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.2);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_handoff_that_nobody_attaches_to_is_dropped_after_its_timeout()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var handoff = await Started(device, gate, tokens: 6);
        device.Time.Advance(Almost5);
        device.Worker.Inspect(handoff.Lease).ShouldNotBeNull();
        device.Time.Advance(Moment);
        device.Worker.Inspect(handoff.Lease).ShouldBeNull();
        gate.Open();
        await device.UntilNoPageIsLeased();
        device.Worker.Statistics.Expired.ShouldBe(1);
    }

    [Fact]
    public async Task An_output_that_is_not_read_is_dropped_and_its_reader_is_told_after_what_it_has()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var handoff = await Started(device, gate, tokens: 4);
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        device.Time.Advance(Almost10);
        device.Worker.Inspect(handoff.Lease).ShouldNotBeNull();
        device.Time.Advance(Moment);
        gate.Open();
        await device.UntilNoPageIsLeased();

        var read = 0;
        var expired = await Should.ThrowAsync<LeaseExpiredException>(async () =>
        {
            while (await reader.WaitToReadAsync(Ct))
                while (reader.TryRead(out _)) read++;
        });
        expired.Lease.ShouldBe(handoff.Lease);
        read.ShouldBe(4);
        reader.End.ShouldBeNull();
    }

    [Fact]
    public async Task Reading_now_and_then_keeps_an_output_alive()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var handoff = await Started(device, gate, tokens: 6);
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        for (var i = 0; i < 5; i++)
        {
            device.Time.Advance(Almost10);
            (await reader.WaitToReadAsync(Ct)).ShouldBeTrue();
            reader.TryRead(out _).ShouldBeTrue();
        }

        device.Worker.Inspect(handoff.Lease).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_reader_that_waits_for_a_token_is_not_idle_however_long_it_takes()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var request = Request(Prompt(1, 10), 5);
        var prefill = device.Worker.Prefill(request, Ct);
        await gate.PassNext();
        using var reader = device.Worker.Attach((await prefill).Lease, 0);
        reader.TryRead(out var first).ShouldBeTrue();
        var rest = ReadAll(reader, Ct);
        for (var i = 0; i < 10; i++) device.Time.Advance(Almost10);
        gate.Open();
        List<int> tokens = [first.Token.TokenId, .. (await rest).Tokens];
        tokens.ShouldBe(device.Alone(request));
    }

    [Fact]
    public async Task A_token_that_ends_a_long_wait_may_take_as_long_to_be_read_as_any_other()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var handoff = await Started(device, gate, tokens: 1);
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        reader.TryRead(out _).ShouldBeTrue();
        var wait = reader.WaitToReadAsync(Ct).AsTask();
        device.Time.Advance(Almost10 + Almost10);
        gate.Pass();
        (await wait).ShouldBeTrue();
        device.Time.Advance(Almost10);
        device.Worker.Inspect(handoff.Lease).ShouldNotBeNull();
        device.Time.Advance(Moment);
        device.Worker.Inspect(handoff.Lease).ShouldBeNull();
    }

    [Fact]
    public async Task A_reader_that_left_has_the_idle_timeout_to_come_back()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var handoff = await Started(device, gate, tokens: 6);
        device.Worker.Attach(handoff.Lease, 0).Dispose();
        device.Time.Advance(Almost10);
        device.Worker.Attach(handoff.Lease, 0).Dispose();
        device.Time.Advance(Almost10);
        device.Worker.Inspect(handoff.Lease).ShouldNotBeNull();
        device.Time.Advance(Moment);
        device.Worker.Inspect(handoff.Lease).ShouldBeNull();
        gate.Open();
        await device.UntilNoPageIsLeased();
    }

    [Fact]
    public async Task A_finished_output_that_is_never_read_is_forgotten_too()
    {
        await using var device = new TestDevice();
        var handoff = await device.Worker.Prefill(Request(Prompt(1, 10), 3), Ct);
        await device.UntilNoPageIsLeased();
        device.Time.Advance(Almost5 + Moment);
        device.Worker.Inspect(handoff.Lease).ShouldBeNull();
    }

    /// <summary>A sequence that has been handed off with a few tokens out and stands before its next step.</summary>
    private static async Task<Handoff> Started(TestDevice device, StepGate gate, int tokens)
    {
        var prefill = device.Worker.Prefill(Request(Prompt(1, 10), 1000), Ct);
        for (var i = 0; i < tokens; i++) await gate.PassNext();
        await gate.Arrival();
        return await prefill;
    }
}
