using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class PrefixCacheTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_prompt_that_begins_like_an_earlier_one_computes_only_the_rest()
    {
        await using var device = new TestDevice();
        var first = Request(Prompt(1, 100), 5);
        await device.Generate(first, Ct);
        var second = Request([.. first.Tokens.ToArray(), .. Prompt(2, 50)], 5);
        var handoff = await device.Worker.Prefill(second, Ct);
        handoff.CachedLength.ShouldBe(96);
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        (await ReadAll(reader, Ct)).Tokens.ShouldBe(device.Alone(second));
        var statistics = device.Worker.Statistics;
        statistics.PrefixQueryTokens.ShouldBe(250);
        statistics.PrefixHitTokens.ShouldBe(96);
        statistics.PrefilledTokens.ShouldBe(100 + 54);
    }

    [Theory, InlineData(PhaseMode.Serial), InlineData(PhaseMode.Chunked), InlineData(PhaseMode.Streams)]
    public async Task Prompts_that_come_together_and_begin_alike_compute_their_beginning_once(PhaseMode mode)
    {
        await using var device = new TestDevice(new PagedRunner(queueDepth: 2), new DeviceOptions { Mode = mode, MaxSequences = 8 });
        using var gate = new StepGate(device.Runner);
        var beginning = Prompt(1, 300);
        var requests = Enumerable.Range(0, 5).Select(i => Request([.. beginning, .. Prompt(10 + i, 20)], 5)).ToList();
        var other = Request(Prompt(99, 330), 5);
        var prefills = requests.Append(other).Select(request => device.Worker.Prefill(request, Ct)).ToList();
        gate.Open();
        (await Task.WhenAll(prefills)).Take(5).Select(handoff => handoff.CachedLength).Order().ShouldBe([0, 288, 288, 288, 288]);
        for (var i = 0; i < 5; i++)
        {
            using var reader = device.Worker.Attach((await prefills[i]).Lease, 0);
            (await ReadAll(reader, Ct)).Tokens.ShouldBe(device.Alone(requests[i]));
        }

        device.Worker.Statistics.PrefilledTokens.ShouldBe(320 + (4 * 32) + 330);
    }

    [Fact]
    public async Task The_next_turn_of_a_chat_finds_the_answer_of_the_last_one_cached()
    {
        await using var device = new TestDevice();
        var first = Request(Prompt(1, 100), 61);
        var answer = (await device.Generate(first, Ct)).Tokens;
        var second = Request([.. first.Tokens.ToArray(), .. answer, .. Prompt(2, 9)], 5);
        var handoff = await device.Worker.Prefill(second, Ct);
        handoff.CachedLength.ShouldBe(160);     // 161 tokens, the last of them never computed
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        (await ReadAll(reader, Ct)).Tokens.ShouldBe(device.Alone(second));
    }

    [Fact]
    public async Task Output_that_a_stop_string_could_still_cut_is_not_cached()
    {
        await using var device = new TestDevice();
        var request = Request(Prompt(1, 100), 61, cacheOutput: false);
        await device.Generate(request, Ct);
        await device.UntilNoPageIsLeased();
        device.Worker.Pages.Cached.ShouldBe(3);
    }

    [Fact]
    public async Task The_same_prompt_again_computes_its_last_page_and_gets_the_same_tokens()
    {
        await using var device = new TestDevice();
        var request = Request(Prompt(1, 128), 20);
        await device.Generate(request, Ct);
        var handoff = await device.Worker.Prefill(request, Ct);
        handoff.CachedLength.ShouldBe(96);
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        (await ReadAll(reader, Ct)).Tokens.ShouldBe(device.Alone(request));
    }

    [Fact]
    public async Task Two_sequences_that_run_together_share_pages_without_touching_them()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var start = Prompt(1, 96);
        var requests = Enumerable.Range(2, 4).Select(i => Request([.. start, .. Prompt(i, 10)], 40)).ToList();
        var first = device.Worker.Prefill(requests[0], Ct);
        await gate.PassNext();
        var lease = (await first).Lease;
        await gate.Arrival();
        var others = requests.Skip(1).Select(request => device.Generate(request, Ct)).ToList();
        gate.Pass();
        await gate.Arrival();
        device.Worker.Inspect(lease)!.SharedPages.ShouldBe(3);
        gate.Open();
        using var reader = device.Worker.Attach(lease, 0);
        (await ReadAll(reader, Ct)).Tokens.ShouldBe(device.Alone(requests[0]));
        for (var i = 0; i < others.Count; i++) (await others[i]).Tokens.ShouldBe(device.Alone(requests[i + 1]));
    }

    [Fact]
    public async Task Prompts_of_different_salts_do_not_meet()
    {
        await using var device = new TestDevice();
        var prompt = Prompt(1, 100);
        await device.Generate(Request(prompt, 5, salt: "a"), Ct);
        var other = await device.Worker.Prefill(Request(prompt, 5, salt: "b"), Ct);
        other.CachedLength.ShouldBe(0);
        var same = await device.Worker.Prefill(Request(prompt, 5, salt: "a"), Ct);
        same.CachedLength.ShouldBe(96);
        device.Worker.Release(other.Lease);
        device.Worker.Release(same.Lease);
    }

    [Fact]
    public async Task Without_prefix_caching_nothing_stays()
    {
        await using var device = new TestDevice(options: new DeviceOptions { Mode = PhaseMode.Serial, PrefixCaching = false });
        await device.Generate(Request(Prompt(1, 100), 40), Ct);
        await device.UntilNoPageIsLeased();
        device.Worker.Pages.Free.ShouldBe(device.Worker.Pages.Total);
        device.Worker.Load.CachedPrefixes.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_load_names_the_hashes_that_a_router_computes_for_the_prompt()
    {
        await using var device = new TestDevice();
        var prompt = Prompt(1, 100);
        await device.Generate(Request(prompt, 1, salt: "s"), Ct);
        device.Worker.Load.CachedPrefixes.ShouldBe(PrefixHash.Of(prompt, "s"));
        await device.UntilNoPageIsLeased();
        device.Worker.DropCache().ShouldBe(3);
        device.Worker.Load.CachedPrefixes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Cached_pages_make_room_for_prompts_that_need_them()
    {
        await using var device = new TestDevice(new PagedRunner(pageCount: 8));
        for (var i = 0; i < 20; i++)
        {
            var request = Request(Prompt(i, 100), 60);
            (await device.Generate(request, Ct)).Tokens.ShouldBe(device.Alone(request));
            device.Worker.CheckInvariants();
        }
    }
}
