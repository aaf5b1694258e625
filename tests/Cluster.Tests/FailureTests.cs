using System.Collections.Immutable;
using Orleans.TestingHost;
using Splitwiser.Grains;
using Splitwiser.Tests;

namespace Splitwiser.Cluster.Tests;

/// <summary>What requests see when silos go. Each test has a cluster of its own.</summary>
public sealed class FailureTests
{
    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    /// <summary>Sampled, so that a wrong position of the random numbers would show.</summary>
    private static ImmutableArray<GenerateRequest> Requests { get; } =
    [
        .. Golden.All.Select((golden, i) => new GenerateRequest
        {
            Text = golden.Prompt,
            Sampling = new() { Temperature = 0.8f, Seed = 100 + i, PresencePenalty = 0.5f },
            Stop = new() { MaxTokens = 160, IgnoreEos = true },
            CacheSalt = $"{i}",
        }),
    ];

    [Fact]
    public async Task Requests_on_a_killed_silo_go_on_elsewhere_with_the_same_tokens_and_never_hang()
    {
        await using var demo = await DemoCluster.Start();
        var (survivor, victim) = (demo.Cluster.Silos[0], demo.Cluster.Silos[1]);
        var alone = await Task.WhenAll(Requests.Select(request => DemoCluster.Hear(demo.Inside(survivor), request)));

        var streams = Requests.Select(request => new Listener(demo.Inside(survivor), request)).ToList();
        await Task.WhenAll(streams.Select(stream => stream.First()));
        streams.Count(stream => IsOn(stream, victim)).ShouldBeInRange(1, streams.Count - 1, "both silos must have some");
        await demo.Cluster.KillSiloAsync(victim);
        await Task.WhenAll(streams.Select(stream => stream.Rest()));

        foreach (var (before, stream) in alone.Zip(streams))
        {
            stream.Heard.Ids.ShouldBe(before.Ids);
            stream.Heard.Text.ShouldBe(before.Text);
        }

        streams.Count(stream => stream.Heard.End!.Timings.Attempts > 1).ShouldBeGreaterThan(0, "some were in the middle of their answers");
        var anew = await DemoCluster.Hear(demo.Inside(survivor), Golden.All[0].Request);
        anew.Ids.ShouldBe(Golden.All[0].Ids);
        anew.Start!.Device.ShouldStartWith(survivor.Name);
        await demo.EveryPageIsBack();
    }

    [Fact]
    public async Task Requests_on_a_broken_device_go_on_elsewhere_and_it_gets_no_new_ones()
    {
        await using var demo = await DemoCluster.Start();
        var inside = demo.Inside(demo.Cluster.Silos[0]);
        var alone = await DemoCluster.Hear(inside, Requests[0]);
        var stream = new Listener(inside, Requests[0]);
        await stream.First();
        WatchedRunner.Break(stream.Heard.Start!.Device);
        await stream.Rest();
        stream.Heard.Ids.ShouldBe(alone.Ids);
        stream.Heard.Text.ShouldBe(alone.Text);
        stream.Heard.End!.Timings.Attempts.ShouldBe(2);
        var later = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => DemoCluster.Hear(inside, Golden.All[i].Request)));
        later.ShouldAllBe(heard => heard.Start!.Device != stream.Heard.Start.Device);
    }

    [Fact]
    public async Task Without_another_device_a_lost_request_gets_a_typed_error_in_time()
    {
        await using var demo = await DemoCluster.Start(DemoSilo.DevicesOn, "Secondary_1");
        var (survivor, victim) = (demo.Cluster.Silos[0], demo.Cluster.Silos[1]);
        var stream = new Listener(demo.Inside(survivor), Requests[0] with { Stop = new() { IgnoreEos = true } });
        await stream.First();
        await demo.Cluster.KillSiloAsync(victim);
        (await Should.ThrowAsync<RequestLostException>(stream.Rest())).Reason.ShouldBe(LossReason.DevicesLost);
        (await Should.ThrowAsync<RequestRefusedException>(DemoCluster.Hear(demo.Inside(survivor), Requests[1]).WaitAsync(DemoCluster.NoHang, Ends)))
            .Reason.ShouldBe(RefusalReason.Unavailable);
    }

    [Fact]
    public async Task A_silo_that_stops_lets_its_streams_run_out_and_gets_no_new_ones()
    {
        await using var demo = await DemoCluster.Start();
        var (stays, leaves) = (demo.Cluster.Silos[0], demo.Cluster.Silos[1]);
        var streams = Requests.Select((request, i) => new Listener(demo.Inside(i % 2 == 0 ? stays : leaves), request)).ToList();
        await Task.WhenAll(streams.Select(stream => stream.First()));
        streams.ShouldContain(stream => IsOn(stream, leaves));

        var stopping = demo.Cluster.StopSiloAsync(leaves);
        await Task.WhenAll(streams.Select(stream => stream.Rest()));
        foreach (var stream in streams) stream.Heard.End!.Timings.Attempts.ShouldBe(1);
        await stopping;
        for (var i = 0; i < 4; i++)
            (await DemoCluster.Hear(demo.Inside(stays), Golden.All[i].Request)).Start!.Device.ShouldStartWith(stays.Name);
        await demo.EveryPageIsBack();
    }

    [Fact]
    public async Task A_restarted_silo_serves_again_and_refuses_leases_of_its_former_life()
    {
        await using var demo = await DemoCluster.Start();
        var silo = demo.Cluster.Silos[1];
        var device = $"{silo.Name}/0";
        var work = new PrefillRequest
        {
            Tokens = Golden.All[0].PromptIds, OutputStart = Golden.All[0].PromptIds.Length, MaxTokens = 1000, MinTokens = 0, EndTokenIds = [],
            Sampling = SamplingRules.Resolve(new() { Temperature = 0 }, DemoSilo.Model.Defaults, DemoSilo.Model.Config.VocabularySize),
        };
        var handoff = await demo.Client.GetGrain<IPrefillGrain>(device).Prefill(work, Ends);
        await demo.Cluster.KillSiloAsync(silo);
        await using var again = await demo.Cluster.StartSiloAsync(silo.InstanceNumber, demo.Cluster.Options);
        again.Name.ShouldBe(silo.Name);

        var pages = demo.Inside(demo.Cluster.Silos[0]).GetGrain<IKvCacheGrain>(device);
        await Eventually.Holds("the device answers again", async () =>
        {
            try
            {
                return (await pages.Accounts(Ends)).Leased == 0;
            }
            catch (Exception error) when (DeviceLostException.IsMeantBy(error, Ends))
            {
                return false;
            }
        }, TimeSpan.FromSeconds(20), Ends);
        (await Should.ThrowAsync<LeaseGoneException>(pages.Release(handoff.Lease, Ends))).Loss.ShouldBe(LeaseLoss.Unknown);
        (await demo.Inside(demo.Cluster.Silos[0]).GetGrain<IPrefillGrain>(device).Prefill(work, Ends)).Lease.Incarnation.ShouldNotBe(handoff.Lease.Incarnation);
    }

    private static bool IsOn(Listener stream, SiloHandle silo) => stream.Heard.Start!.Device.StartsWith(silo.Name + "/", StringComparison.Ordinal);
}
