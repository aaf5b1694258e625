using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

/// <summary>Prefixes that an operator keeps in the cache.</summary>
public sealed class PinTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, InlineData(0), InlineData(32)]
    public async Task A_pinned_prefix_stays_cached_however_crowded_the_pool_is(int hostPages)
    {
        await using var device = Device(hostPages);
        var system = Prompt(1, 100);
        var pin = await device.Worker.Pin(system, cancellationToken: Ct);
        pin.Tokens.ShouldBe(96);
        pin.Pages.ShouldBe(3);
        device.Worker.Pages.Pinned.ShouldBe(3);
        for (var i = 10; i < 30; i++) await device.Generate(Request(Prompt(i, 150), 40), Ct);
        device.Worker.DropCache();
        device.Worker.CheckInvariants();

        var request = Request([.. system, .. Prompt(2, 20)], 10);
        var handoff = await device.Worker.Prefill(request, Ct);
        handoff.CachedLength.ShouldBe(96);
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        (await ReadAll(reader, Ct)).Tokens.ShouldBe(device.Alone(request));
        device.Worker.Statistics.HostHitTokens.ShouldBe(0);
        await device.UntilNoPageIsLeased();
        device.Worker.Pages.Cached.ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public async Task What_is_let_go_may_be_reused()
    {
        await using var device = Device();
        var pin = await device.Worker.Pin(Prompt(1, 100), cancellationToken: Ct);
        device.Worker.Unpin(pin.Number).ShouldBeTrue();
        device.Worker.Unpin(pin.Number).ShouldBeFalse();
        device.Worker.Pages.Pinned.ShouldBe(0);
        device.Worker.DropCache().ShouldBe(3);
        device.Worker.Pages.Free.ShouldBe(device.Worker.Pages.Total);
    }

    [Fact]
    public async Task A_prefix_that_is_pinned_twice_stays_until_both_let_go()
    {
        await using var device = Device();
        var system = Prompt(1, 100);
        var first = await device.Worker.Pin(system, cancellationToken: Ct);
        var second = await device.Worker.Pin((int[])[.. system, .. Prompt(2, 60)], cancellationToken: Ct);
        device.Worker.Pages.Pinned.ShouldBe(5);
        device.Worker.Unpin(first.Number);
        device.Worker.Pages.Pinned.ShouldBe(5);
        device.Worker.Unpin(second.Number);
        device.Worker.Pages.Pinned.ShouldBe(0);
    }

    [Fact]
    public async Task Over_the_bound_a_pin_is_refused_and_nothing_changes()
    {
        await using var device = Device();
        await device.Worker.Pin(Prompt(1, 5 * 32), cancellationToken: Ct);
        var refusal = await Should.ThrowAsync<DeviceRefusedException>(() => device.Worker.Pin(Prompt(2, 2 * 32), cancellationToken: Ct));
        refusal.Reason.ShouldBe(DeviceRefusal.PinLimit);
        refusal.Message.ShouldContain("7 pages would be pinned, and at most 6 may be");
        device.Worker.Pages.Pinned.ShouldBe(5);
        device.Worker.Statistics.PromptTokens.ShouldBe(5 * 32);
        (await device.Worker.Pin(Prompt(1, 5 * 32), cancellationToken: Ct)).Pages.ShouldBe(5);      // adds none
    }

    [Fact]
    public async Task Pins_leave_room_for_a_sequence_of_the_full_length()
    {
        await using var device = new TestDevice(new PagedRunner(pageCount: 8), new DeviceOptions { Mode = PhaseMode.Serial, MaxModelLength = 200, MaxPinnedPages = 8 });
        (await Should.ThrowAsync<DeviceRefusedException>(() => device.Worker.Pin(Prompt(1, 64), cancellationToken: Ct))).Message.ShouldContain("a sequence of 200 tokens must still fit into the 8 pages");
        await device.Worker.Pin(Prompt(1, 32), cancellationToken: Ct);
        var longest = Request(Prompt(2, 100), 100);
        (await device.Generate(longest, Ct)).Tokens.ShouldBe(device.Alone(longest));
    }

    [Fact]
    public async Task A_prefix_without_a_full_page_or_a_device_without_a_cache_is_refused()
    {
        await using var device = Device();
        (await Should.ThrowAsync<DeviceRefusedException>(() => device.Worker.Pin(Prompt(1, 31), cancellationToken: Ct))).Reason.ShouldBe(DeviceRefusal.Invalid);
        await using var uncached = new TestDevice(options: new DeviceOptions { Mode = PhaseMode.Serial, PrefixCaching = false, MaxPinnedPages = 6 });
        (await Should.ThrowAsync<DeviceRefusedException>(() => uncached.Worker.Pin(Prompt(1, 64), cancellationToken: Ct))).Reason.ShouldBe(DeviceRefusal.Unserved);
    }

    [Fact]
    public async Task Salts_keep_pinned_prefixes_apart_too()
    {
        await using var device = Device();
        var system = Prompt(1, 64);
        await device.Worker.Pin(system, "tenant", Ct);
        (await device.Worker.Prefill(Request([.. system, 1], 1), Ct)).CachedLength.ShouldBe(0);
        (await device.Worker.Prefill(Request([.. system, 1], 1, salt: "tenant"), Ct)).CachedLength.ShouldBe(64);
    }

    private static TestDevice Device(int hostPages = 0) => new(
        new PagedRunner(pageCount: 16, hostPageCount: hostPages),
        new DeviceOptions { Mode = PhaseMode.Serial, MaxSequences = 4, MaxModelLength = 250, MaxPinnedPages = 6, HostPages = hostPages });
}
