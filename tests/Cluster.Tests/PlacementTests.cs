using Splitwiser.Gpu.Kv;
using Splitwiser.Grains;

namespace Splitwiser.Cluster.Tests;

public sealed class PlacementTests(DemoCluster demo) : IClassFixture<DemoCluster>
{
    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_spread_over_every_device_of_every_silo()
    {
        var request = Golden.All[0].Request;
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => DemoCluster.Hear(demo.Inside(demo.Cluster.Silos[i % 2]), request with { CacheSalt = $"{i}" })));
        answers.Select(heard => heard.Start!.Device).Distinct().Order().ShouldBe(demo.Devices.Order());
    }

    [Fact]
    public async Task The_grains_of_a_device_sit_on_its_silo_whoever_calls_them()
    {
        foreach (var way in demo.Cluster.Silos.Select(demo.Inside).Append(demo.Client))
        {
            foreach (var device in demo.Devices)
            {
                var silo = device[..device.LastIndexOf('/')];
                IDeviceGrain[] grains = [way.GetGrain<IPrefillGrain>(device), way.GetGrain<IDecodeGrain>(device), way.GetGrain<IKvCacheGrain>(device)];
                foreach (var grain in grains) (await grain.Whereabouts(Ends)).ShouldBe(silo);
            }
        }
    }

    [Fact]
    public async Task A_prompt_goes_to_where_its_beginning_is_cached()
    {
        var request = new GenerateRequest { TokenIds = [.. Enumerable.Range(100, 130)], Sampling = new() { Temperature = 0 }, Stop = new() { MaxTokens = 2 } };
        var first = await DemoCluster.Hear(demo.Client, request);
        first.Start!.CachedTokens.ShouldBe(0);
        var last = PrefixHash.Of(request.TokenIds.AsSpan(), null)[^1];
        var known = 0L;
        await demo.EveryoneKnows("the prompt's pages", snapshot => snapshot.Devices.Any(device => device.CachedPrefixes.Contains(last)) && (known = snapshot.Version) > 0);
        await demo.EveryoneKnows("it for a while: the first request's booking is over", snapshot => snapshot.Version >= known + 6); // two silos, two renewals
        for (var i = 0; i < 3; i++)
        {
            var next = await DemoCluster.Hear(demo.Client, request with { TokenIds = request.TokenIds.Add(300 + i) });
            next.Start!.Device.ShouldBe(first.Start.Device);
            next.Start.CachedTokens.ShouldBe(128);
        }
    }

    [Theory]
    [InlineData("Nowhere/0")]
    [InlineData("no key")]
    [InlineData("Primary/7")]
    public async Task A_device_that_is_not_there_is_gone_in_so_many_words(string device)
    {
        var gone = await Should.ThrowAsync<DeviceGoneException>(demo.Client.GetGrain<IKvCacheGrain>(device).Accounts(Ends));
        gone.Device.ShouldBe(device);
    }

    [Fact]
    public async Task The_handoff_moves_no_page()
    {
        var heard = await DemoCluster.Hear(demo.Client, new() { TokenIds = [4000, 3999, 3998], Sampling = new() { Temperature = 0 }, Stop = new() { MaxTokens = 70, IgnoreEos = true } });
        var tokens = heard.Start!.PromptIds.AddRange(heard.Ids);
        var steps = WatchedRunner.On(heard.Start.Device).Where(step => step.Tokens.SequenceEqual(tokens.AsSpan())).ToList();
        var prefill = steps.Single(step => step.IsPrefill);
        var decodes = steps.Where(step => !step.IsPrefill).ToList();
        decodes.Count.ShouldBe(heard.Ids.Length - 1);
        foreach (var decode in decodes)
        {
            decode.Sequence.ShouldBeSameAs(prefill.Sequence);
            decode.Pages[..prefill.Pages.Length].ShouldBe(prefill.Pages);
        }
    }
}
