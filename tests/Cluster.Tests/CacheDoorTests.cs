using Splitwiser.Grains;
using Splitwiser.Tests;

namespace Splitwiser.Cluster.Tests;

/// <summary>The grain's door to a device's cache: what it holds, what is pinned, what goes to main memory.</summary>
public sealed class CacheDoorTests
{
    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    private static readonly System.Collections.Immutable.ImmutableArray<int> Prefix = [.. Enumerable.Range(100, 130)];

    [Fact]
    public async Task A_prefix_that_is_pinned_is_cached_counted_and_let_go()
    {
        await using var demo = await DemoCluster.Start(1, (DemoSilo.DeviceCount, "1"));
        var cache = demo.Client.GetGrain<IKvCacheGrain>(demo.Devices.Single());
        var pin = await cache.Pin(Prefix, null, Ends);
        (pin.Tokens, pin.Pages).ShouldBe((128, 4));
        (await cache.DropCache(Ends)).ShouldBe(0);
        (await cache.Summary(Ends)).Length.ShouldBe(4);
        var statistics = await cache.Statistics(Ends);
        statistics.PinnedPages.ShouldBe(4);
        statistics.Pages.Cached.ShouldBe(4);
        statistics.HostPages.ShouldBe(0);

        var request = new GenerateRequest { TokenIds = Prefix, Sampling = new() { Temperature = 0 }, Stop = new() { MaxTokens = 2 } };
        (await DemoCluster.Hear(demo.Client, request)).Start!.CachedTokens.ShouldBe(128);

        var refusal = await Should.ThrowAsync<RequestRefusedException>(cache.Pin([.. Enumerable.Range(0, 60 * 32)], null, Ends));
        refusal.Reason.ShouldBe(RefusalReason.InvalidRequest);
        refusal.Parameter.ShouldBe("prefix");
        refusal.Message.ShouldContain("64 pages would be pinned");
        (await cache.Unpin(pin.Number, Ends)).ShouldBeTrue();
        (await cache.Unpin(pin.Number, Ends)).ShouldBeFalse();
        (await cache.Statistics(Ends)).PinnedPages.ShouldBe(0);
    }

    [Fact]
    public async Task What_was_offloaded_is_a_hit_when_it_is_asked_for_again()
    {
        await using var demo = await DemoCluster.Start(1, (DemoSilo.DeviceCount, "1"), (DemoSilo.HostPageCount, "64"));
        var cache = demo.Client.GetGrain<IKvCacheGrain>(demo.Devices.Single());
        var request = new GenerateRequest { TokenIds = Prefix, Sampling = new() { Temperature = 0 }, Stop = new() { MaxTokens = 2 } };
        var first = await DemoCluster.Hear(demo.Client, request);
        await demo.EveryPageIsBack();
        (await cache.Offload(192, Ends)).ShouldBe(4);
        await Eventually.Holds("the copies are made", async () => (await cache.Statistics(Ends)).PagesCopiedOut == 4, TimeSpan.FromSeconds(5), Ends);
        var again = await DemoCluster.Hear(demo.Client, request);
        again.Start!.CachedTokens.ShouldBe(128);
        again.Ids.ShouldBe(first.Ids);
        var statistics = await cache.Statistics(Ends);
        (statistics.HostHitTokens, statistics.PagesCopiedIn, statistics.HostPages, statistics.HostPagesUsed).ShouldBe((128, 4, 64, 4));
    }

    [Fact]
    public async Task A_device_without_main_memory_behind_its_pages_refuses_to_offload()
    {
        await using var demo = await DemoCluster.Start(1, (DemoSilo.DeviceCount, "1"));
        var cache = demo.Client.GetGrain<IKvCacheGrain>(demo.Devices.Single());
        (await Should.ThrowAsync<RequestRefusedException>(cache.Offload(1, Ends))).Message.ShouldContain("no main memory");
        (await Should.ThrowAsync<RequestRefusedException>(cache.Offload(-1, Ends))).Parameter.ShouldBe("pages");
    }
}
