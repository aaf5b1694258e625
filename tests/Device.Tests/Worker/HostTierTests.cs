using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

/// <summary>Main memory behind the pages: what the pool has no room for comes back instead of being computed again.</summary>
public sealed class HostTierTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<PhaseMode, int> ModesAndDepths => new()
    {
        { PhaseMode.Serial, 1 }, { PhaseMode.Serial, 2 }, { PhaseMode.Chunked, 1 }, { PhaseMode.Chunked, 2 }, { PhaseMode.Streams, 1 }, { PhaseMode.Streams, 2 },
        { PhaseMode.Adaptive, 2 },
    };

    [Theory, MemberData(nameof(ModesAndDepths))]
    public async Task A_working_set_of_three_pools_is_computed_once_and_gives_the_same_tokens_again(PhaseMode mode, int depth)
    {
        await using var device = Device(mode, pages: 32, hostPages: 128, depth: depth);
        var requests = Enumerable.Range(0, 16).Select(i => Request(Prompt(i, 170), 20)).ToList();       // 6 pages each
        foreach (var request in requests) (await device.Generate(request, Ct)).Tokens.ShouldBe(device.Alone(request));
        var computed = device.Worker.Statistics.PrefilledTokens;

        foreach (var request in requests) (await device.Generate(request, Ct)).Tokens.ShouldBe(device.Alone(request));

        var statistics = device.Worker.Statistics;
        statistics.PrefixHitTokens.ShouldBe(16 * 160);
        statistics.HostHitTokens.ShouldBeGreaterThan(12 * 160);         // the last ones were still on the device
        (statistics.PrefilledTokens - computed).ShouldBe(16 * 10);
        statistics.PagesCopiedIn.ShouldBe(statistics.HostHitTokens / 32);
        var host = device.Worker.HostPages;
        (host.Free + host.Used).ShouldBe(host.Total);
    }

    [Fact]
    public async Task Without_room_in_main_memory_the_least_recently_used_go()
    {
        await using var device = Device(PhaseMode.Serial, pages: 16, hostPages: 24);
        var requests = Enumerable.Range(0, 12).Select(i => Request(Prompt(i, 170), 4)).ToList();
        for (var round = 0; round < 3; round++)
        {
            foreach (var request in requests) (await device.Generate(request, Ct)).Tokens.ShouldBe(device.Alone(request));
            device.Worker.CheckInvariants();
        }

        (await device.Worker.Prefill(requests[^1], Ct)).CachedLength.ShouldBe(160);
        device.Worker.HostPages.Free.ShouldBe(0);
    }

    [Theory, MemberData(nameof(ModesAndDepths))]
    public async Task A_preempted_sequence_comes_back_from_main_memory_with_the_same_tokens(PhaseMode mode, int depth)
    {
        await using var device = Device(mode, pages: 12, hostPages: 64, depth: depth);
        var requests = Enumerable.Range(0, 5).Select(i => Request(Prompt(i, 30), 200)).ToList();        // up to 8 pages each
        for (var round = 0; round < 50 && device.Worker.Statistics.PagesCopiedIn == 0; round++)         // where copies are late, pages are computed again
        {
            using var gate = new StepGate(device.Runner);
            var generating = Task.WhenAll(requests.Select(request => device.Generate(request, Ct)));
            gate.Open();
            var answers = await generating;
            for (var i = 0; i < requests.Count; i++) answers[i].Tokens.ShouldBe(device.Alone(requests[i]));
        }

        var statistics = device.Worker.Statistics;
        statistics.Preemptions.ShouldBeGreaterThan(0);
        statistics.PagesCopiedIn.ShouldBeGreaterThan(0);
        statistics.HostHitTokens.ShouldBe(0);       // no prompt was spared computing: they were computed here
        statistics.HandoffPagesCopied.ShouldBe(0);
        await device.UntilNoPageIsLeased();
    }

    [Fact]
    public async Task Sequences_decode_while_a_prompt_is_restored()
    {
        await using var device = Device(PhaseMode.Serial, pages: 16, hostPages: 64);
        var (cold, _) = await Chill(device);
        using var gate = new CopyGate(device.Runner, CopyDirection.In);
        var restored = device.Worker.Prefill(cold, Ct);
        await gate.Arrival();
        var other = Request(Prompt(77, 20), 60);
        (await device.Generate(other, Ct)).Tokens.ShouldBe(device.Alone(other));
        restored.IsCompleted.ShouldBeFalse();
        device.Worker.Load.Running.ShouldBe(1);
        gate.Dispose();
        var handoff = await restored;
        handoff.CachedLength.ShouldBe(160);
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        (await ReadAll(reader, Ct)).Tokens.ShouldBe(device.Alone(cold));
    }

    [Fact]
    public async Task Prompts_that_begin_alike_are_restored_once_and_share_the_pages()
    {
        await using var device = Device(PhaseMode.Chunked, pages: 24, hostPages: 64);
        var (cold, _) = await Chill(device);
        using var gate = new CopyGate(device.Runner, CopyDirection.In);
        var alike = Enumerable.Range(0, 3).Select(i => Request([.. cold.Tokens.ToArray(), .. Prompt(50 + i, 30)], 5)).ToList();
        var prefills = alike.Select(request => device.Worker.Prefill(request, Ct)).ToList();
        await gate.Arrival();
        gate.Dispose();
        for (var i = 0; i < alike.Count; i++)
        {
            var handoff = await prefills[i];
            handoff.CachedLength.ShouldBe(160);
            using var reader = device.Worker.Attach(handoff.Lease, 0);
            (await ReadAll(reader, Ct)).Tokens.ShouldBe(device.Alone(alike[i]));
        }

        device.Worker.Statistics.HostHitTokens.ShouldBe(160);
        device.Worker.Statistics.PrefixHitTokens.ShouldBe(3 * 160);
    }

    [Fact]
    public async Task A_prompt_cancelled_in_the_middle_of_its_restore_gives_every_page_back()
    {
        await using var device = Device(PhaseMode.Serial, pages: 16, hostPages: 64);
        var (cold, _) = await Chill(device);
        var host = device.Worker.HostPages;
        using var gate = new CopyGate(device.Runner, CopyDirection.In);
        using var cancel = new CancellationTokenSource();
        var restored = device.Worker.Prefill(cold, cancel.Token);
        await gate.Arrival();
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => restored);
        device.Worker.Pages.Leased.ShouldBeGreaterThan(0);      // the copies still write there
        device.Worker.CheckInvariants();
        gate.Dispose();
        await device.UntilNoPageIsLeased();
        device.Worker.HostPages.Total.ShouldBe(host.Total);
        (await device.Worker.Prefill(cold, Ct)).CachedLength.ShouldBe(160);
    }

    [Theory, InlineData(CopyDirection.In), InlineData(CopyDirection.Out)]
    public async Task A_fault_in_a_copy_closes_the_device_with_its_error(CopyDirection direction)
    {
        await using var device = Device(PhaseMode.Streams, pages: 16, hostPages: 64);
        var (cold, _) = await Chill(device);
        using var asked = new ManualResetEventSlim();
        device.Runner.OnCopy = (which, _) =>
        {
            if (which != direction) return;
            asked.Wait(Ct);     // a closed device would refuse the last prompts
            throw new DeviceFaultException("the bus is broken");
        };
        var waiting = direction == CopyDirection.In ? [cold] : Enumerable.Range(200, 4).Select(i => Request(Prompt(i, 170), 200)).ToArray();
        var prefills = waiting.Select(request => device.Worker.Prefill(request, Ct)).ToList();
        asked.Set();
        await device.Worker.Closed.WaitAsync(TimeSpan.FromSeconds(20), Ct);
        device.Worker.Fault!.Message.ShouldBe("the bus is broken");
        foreach (var prefill in prefills.Where(prefill => !prefill.IsCompletedSuccessfully))
            (await Should.ThrowAsync<DeviceFaultException>(() => prefill)).Message.ShouldBe("the bus is broken");
        device.Worker.Pages.Leased.ShouldBe(0);
        device.Worker.CheckInvariants();
    }

    [Fact]
    public async Task A_device_that_is_shut_down_in_the_middle_of_a_restore_waits_for_the_copy()
    {
        await using var device = Device(PhaseMode.Serial, pages: 16, hostPages: 64);
        var (cold, _) = await Chill(device);
        using var gate = new CopyGate(device.Runner, CopyDirection.In);
        var restored = device.Worker.Prefill(cold, Ct);
        await gate.Arrival();
        var disposing = device.Worker.DisposeAsync().AsTask();
        await Should.ThrowAsync<DeviceFaultException>(() => restored);
        disposing.IsCompleted.ShouldBeFalse();
        gate.Dispose();
        await disposing;
        device.Worker.Pages.Leased.ShouldBe(0);
    }

    [Fact]
    public async Task A_prompt_waits_for_its_own_pages_that_are_on_their_way_out()
    {
        await using var device = Device(PhaseMode.Serial, pages: 16, hostPages: 64);
        var request = Request(Prompt(1, 170), 4);
        await device.Generate(request, Ct);
        await device.UntilNoPageIsLeased();
        using var gate = new CopyGate(device.Runner, CopyDirection.Out);
        device.Worker.Offload(5).ShouldBe(5);
        await gate.Arrival();
        var again = device.Worker.Prefill(request, Ct);
        var other = Request(Prompt(2, 20), 4);
        again.IsCompleted.ShouldBeFalse();
        gate.Dispose();
        (await again).CachedLength.ShouldBe(160);
        (await device.Generate(other, Ct)).Tokens.ShouldBe(device.Alone(other));
        device.Worker.Statistics.HostHitTokens.ShouldBe(160);
    }

    [Fact]
    public async Task The_load_names_what_main_memory_holds_as_well_and_dropping_the_cache_drops_it()
    {
        await using var device = Device(PhaseMode.Serial, pages: 16, hostPages: 64);
        var request = Request(Prompt(1, 100), 1, salt: "s");
        await device.Generate(request, Ct);
        await device.UntilNoPageIsLeased();
        device.Worker.Offload(16).ShouldBe(3);
        await Until(() => device.Worker.Pages.Free == 16, "the copies are made");
        device.Worker.Load.CachedPrefixes.ShouldBe(PrefixHash.Of(request.Tokens.Span, "s"), ignoreOrder: true);
        device.Worker.DropCache().ShouldBe(0);
        device.Worker.Load.CachedPrefixes.ShouldBeEmpty();
        device.Worker.HostPages.Used.ShouldBe(0);
    }

    [Fact]
    public void Main_memory_that_the_runner_lacks_or_no_cache_could_use_is_refused_at_the_start()
    {
        using var runner = new PagedRunner(hostPageCount: 8);
        Should.Throw<HostTierException>(() => Start(new DeviceOptions { HostPages = 9 })).Message.ShouldContain("8 pages of main memory behind its pool, not 9");
        Should.Throw<HostTierException>(() => Start(new DeviceOptions { HostPages = 8, PrefixCaching = false })).Message.ShouldContain("prefix caching is off");
        Should.Throw<ArgumentOutOfRangeException>(() => Start(new DeviceOptions { HostPages = -1 }));

        void Start(DeviceOptions options) => _ = new TestDevice(runner, options);
    }

    [Fact]
    public async Task Without_main_memory_nothing_can_be_offloaded()
    {
        await using var device = new TestDevice();
        Should.Throw<DeviceRefusedException>(() => device.Worker.Offload(1)).Reason.ShouldBe(DeviceRefusal.Unserved);
        device.Worker.HostPages.ShouldBe(default);
    }

    private static TestDevice Device(PhaseMode mode, int pages, int hostPages, int depth = 1) => new(
        new PagedRunner(pages, queueDepth: depth, hostPageCount: hostPages),
        new DeviceOptions { Mode = mode, MaxSequences = 8, HostPages = hostPages, MaxModelLength = 400 });

    /// <summary>A request whose pages have all gone to main memory.</summary>
    private static async Task<(PromptRequest Cold, List<int> Answer)> Chill(TestDevice device)
    {
        var request = Request(Prompt(1, 170), 4);
        var answer = (await device.Generate(request, Ct)).Tokens;
        await device.UntilNoPageIsLeased();
        device.Worker.Offload(device.Worker.Pages.Total);
        await Until(() => device.Worker.Pages.Cached == 0, "all pages are in main memory");
        return (request, answer);
    }
}
