using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class StopTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, InlineData(1), InlineData(2)]
    public async Task A_stopped_sequence_ends_at_the_index_and_gives_back_its_pages(int depth)
    {
        await using var device = new TestDevice(new PagedRunner(queueDepth: depth, pageCount: 200), Endless);
        var request = Request(Prompt(1, 40), 5000, cacheOutput: false);
        var handoff = await device.Worker.Prefill(request, Ct);
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        var tokens = new List<int>();
        while (tokens.Count < 50)
        {
            await reader.WaitToReadAsync(Ct);
            while (tokens.Count < 50 && reader.TryRead(out var token)) tokens.Add(token.Token.TokenId);
        }

        device.Worker.Stop(handoff.Lease, 40);
        (await reader.WaitToReadAsync(Ct)).ShouldBeFalse();
        reader.End.ShouldBe(new SequenceEnd(EndReason.Stopped));
        tokens.ShouldBe(device.Alone(request).Take(50));
        await device.UntilNoPageIsLeased();
    }

    [Fact]
    public async Task What_was_generated_past_the_stop_is_neither_read_nor_cached()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var request = Request(Prompt(1, 40), 400, cacheOutput: false);
        var prefill = device.Worker.Prefill(request, Ct);
        for (var i = 0; i < 90; i++) await gate.PassNext();
        await gate.Arrival();
        var handoff = await prefill;
        device.Worker.Inspect(handoff.Lease)!.Tokens.ShouldBe(130);
        device.Worker.Stop(handoff.Lease, 30);      // 40 + 30 accepted: two full pages
        gate.Open();
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        var (tokens, end) = await ReadAll(reader, Ct);
        tokens.ShouldBe(device.Alone(request).Take(30));
        end.Reason.ShouldBe(EndReason.Stopped);
        await device.UntilNoPageIsLeased();
        device.Worker.Pages.Cached.ShouldBe(2);
    }

    [Fact]
    public async Task A_stop_after_the_end_cuts_what_was_not_read()
    {
        await using var device = new TestDevice();
        var request = Request(Prompt(1, 40), 100, cacheOutput: false);
        var handoff = await device.Worker.Prefill(request, Ct);
        await Until(() => device.Worker.Inspect(handoff.Lease)!.Phase == SequencePhase.Ended, "it has ended");
        device.Worker.Pages.Cached.ShouldBe(1);     // the prompt's full page alone
        device.Worker.Stop(handoff.Lease, 10);
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        var (tokens, end) = await ReadAll(reader, Ct);
        tokens.Count.ShouldBe(10);
        end.Reason.ShouldBe(EndReason.Stopped);
    }

    [Fact]
    public async Task A_stop_past_the_end_changes_nothing()
    {
        await using var device = new TestDevice();
        var handoff = await device.Worker.Prefill(Request(Prompt(1, 40), 10), Ct);
        await Until(() => device.Worker.Inspect(handoff.Lease)!.Phase == SequencePhase.Ended, "it has ended");
        device.Worker.Stop(handoff.Lease, 10);
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        var (tokens, end) = await ReadAll(reader, Ct);
        tokens.Count.ShouldBe(10);
        end.Reason.ShouldBe(EndReason.Length);
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task A_released_sequence_ends_for_its_reader_and_is_forgotten(int depth)
    {
        await using var device = new TestDevice(new PagedRunner(queueDepth: depth, pageCount: 200), Endless);
        var handoff = await device.Worker.Prefill(Request(Prompt(1, 40), 5000), Ct);
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        await reader.WaitToReadAsync(Ct);
        device.Worker.Release(handoff.Lease).ShouldBeTrue();
        device.Worker.Release(handoff.Lease).ShouldBeFalse();
        (await ReadAll(reader, Ct)).End.Reason.ShouldBe(EndReason.Released);
        device.Worker.Inspect(handoff.Lease).ShouldBeNull();
        await device.UntilNoPageIsLeased();
    }

    private static DeviceOptions Endless => new() { Mode = PhaseMode.Serial, MaxModelLength = 10_000 };
}
