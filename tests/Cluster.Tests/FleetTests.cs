using System.Collections.Immutable;
using Orleans.TestingHost;
using Splitwiser.Grains;
using Splitwiser.Tests;

namespace Splitwiser.Cluster.Tests;

/// <summary>Devices that come and go while their silo serves. Each test has a cluster of its own.</summary>
public sealed class FleetTests
{
    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    /// <summary>Sampled, so that a wrong position of the random numbers would show.</summary>
    private static ImmutableArray<GenerateRequest> Requests { get; } =
    [
        .. Golden.All.Select((golden, i) => new GenerateRequest
        {
            Text = golden.Prompt,
            Sampling = new() { Temperature = 0.8f, Seed = 100 + i },
            Stop = new() { MaxTokens = 120, IgnoreEos = true },
            CacheSalt = $"{i}",
        }),
    ];

    [Fact]
    public async Task A_drained_device_loses_no_request_gets_no_new_one_and_serves_again_when_it_is_opened()
    {
        await using var demo = await DemoCluster.Start();
        var streams = Requests.Select(request => new Listener(demo.Client, request)).ToList();
        await Task.WhenAll(streams.Select(stream => stream.First()));
        var device = streams[0].Heard.Start!.Device;
        var control = demo.Client.GetGrain<IDeviceControlGrain>(device);

        (await control.Drain(cancellationToken: Ends)).State.ShouldBe(DeviceState.Draining);
        var others = await Task.WhenAll(Golden.All.Select(golden => DemoCluster.Hear(demo.Client, golden.Request)));
        others.ShouldAllBe(heard => heard.Start!.Device != device);
        await Task.WhenAll(streams.Select(stream => stream.Rest()));
        streams.ShouldAllBe(stream => stream.Heard.End!.Timings.Attempts == 1 && stream.Heard.Ids.Length == 120);
        await Becomes(control, DeviceState.Closed);
        (await control.Status(Ends)).ShouldBe(new DeviceStatus(device, DeviceState.Closed, "Drained.", 0, 0));
        await demo.EveryoneKnows("the device is closed", snapshot => Find(snapshot, device) is { Open: false, State: DeviceState.Closed, Reason: "Drained." });

        (await control.Open(Ends)).State.ShouldBe(DeviceState.Opening);
        await Becomes(control, DeviceState.Open);
        await demo.EveryoneKnows("the device is open again", snapshot => Find(snapshot, device) is { Open: true, State: DeviceState.Open });
        var later = await Task.WhenAll(Golden.All.Select(golden => DemoCluster.Hear(demo.Client, golden.Request)));
        later.ShouldContain(heard => heard.Start!.Device == device);
        foreach (var (golden, heard) in Golden.All.Zip(later)) heard.Ids.ShouldBe(golden.Ids);
        await demo.EveryPageIsBack();
    }

    [Fact]
    public async Task What_outlasts_a_drain_goes_on_elsewhere_with_the_same_tokens()
    {
        await using var demo = await DemoCluster.Start();
        var alone = await Task.WhenAll(Requests.Select(request => DemoCluster.Hear(demo.Client, request)));
        var streams = Requests.Select(request => new Listener(demo.Client, request)).ToList();
        await Task.WhenAll(streams.Select(stream => stream.First()));
        var device = streams[0].Heard.Start!.Device;
        var control = demo.Client.GetGrain<IDeviceControlGrain>(device);
        await control.Drain(cancellationToken: Ends);
        await control.Drain(TimeSpan.Zero, Ends); // the operator has no patience left
        await Task.WhenAll(streams.Select(stream => stream.Rest()));
        foreach (var (before, stream) in alone.Zip(streams))
        {
            stream.Heard.Ids.ShouldBe(before.Ids);
            stream.Heard.Text.ShouldBe(before.Text);
        }

        await Becomes(control, DeviceState.Closed);
        await demo.EveryPageIsBack();
    }

    [Fact]
    public async Task A_device_that_is_added_gets_requests_and_one_that_is_removed_is_known_no_more()
    {
        await using var demo = await DemoCluster.Start(silos: 1, (DemoSilo.DeviceCount, "1"), (DemoSilo.MostDevices, "2"));
        var (first, second) = (demo.Client.GetGrain<IDeviceControlGrain>("Primary/0"), demo.Client.GetGrain<IDeviceControlGrain>("Primary/1"));
        await Becomes(second, DeviceState.Open, await second.Open(Ends));
        await demo.EveryoneKnows("both", snapshot => snapshot.Devices.Length == 2 && snapshot.Devices.All(device => device.Open));
        var streams = Requests.Select(request => new Listener(demo.Client, request)).ToList();
        await Task.WhenAll(streams.Select(stream => stream.First()));
        streams.ShouldContain(stream => stream.Heard.Start!.Device == "Primary/1");

        (await Refused(first.Remove(Ends))).ShouldBe(ControlRefusal.WrongState);
        await first.Drain(cancellationToken: Ends);
        await Task.WhenAll(streams.Select(stream => stream.Rest()));
        await Becomes(first, DeviceState.Closed);
        await first.Remove(Ends);
        await demo.EveryoneKnows("the second alone", snapshot => snapshot.Devices.Select(device => device.Device).SequenceEqual(["Primary/1"]));
        (await Refused(first.Status(Ends))).ShouldBe(ControlRefusal.Unknown);
        (await DemoCluster.Hear(demo.Client, Golden.All[0].Request)).Start!.Device.ShouldBe("Primary/1");
    }

    [Fact]
    public async Task What_can_not_be_done_is_refused_by_type_and_changes_nothing()
    {
        await using var demo = await DemoCluster.Start(silos: 1, (DemoSilo.DeviceCount, "1"));
        var device = demo.Client.GetGrain<IDeviceControlGrain>("Primary/0");
        (await Refused(device.Open(Ends))).ShouldBe(ControlRefusal.WrongState);
        (await Refused(device.Drain(TimeSpan.FromSeconds(-1), Ends))).ShouldBe(ControlRefusal.Invalid);
        (await Refused(demo.Client.GetGrain<IDeviceControlGrain>("Primary/1").Open(Ends))).ShouldBe(ControlRefusal.NoMore);
        (await Refused(demo.Client.GetGrain<IDeviceControlGrain>("Primary/1").Drain(cancellationToken: Ends))).ShouldBe(ControlRefusal.Unknown);
        await Should.ThrowAsync<DeviceGoneException>(demo.Client.GetGrain<IDeviceControlGrain>("Nowhere/0").Status(Ends));
        (await device.Status(Ends)).State.ShouldBe(DeviceState.Open);
        (await DemoCluster.Hear(demo.Client, Golden.All[0].Request)).Ids.ShouldBe(Golden.All[0].Ids);
    }

    [Fact]
    public async Task A_device_that_does_not_compute_what_it_must_is_closed_and_reported_and_its_requests_go_on_elsewhere()
    {
        await using var demo = await DemoCluster.Start(silos: 1);
        var alone = await DemoCluster.Hear(demo.Client, Requests[0]);
        using var steps = WatchedRunner.StepByStep();
        var stream = new Listener(demo.Client, Requests[0]);
        await stream.First();
        var device = stream.Heard.Start!.Device;
        var control = demo.Client.GetGrain<IDeviceControlGrain>(device);
        (await Beside(steps, demo, control.Check(Ends))).Passed.ShouldBeTrue();

        using (WatchedRunner.Confuse(device))
        {
            var check = await Beside(steps, demo, control.Check(Ends));
            check.Passed.ShouldBeFalse();
            check.Flaw.ShouldNotBeNull().ShouldContain("the second time");
        }

        steps.Dispose();
        await stream.Rest();
        stream.Heard.Ids.ShouldBe(alone.Ids);
        stream.Heard.End!.Timings.Attempts.ShouldBe(2);
        await demo.EveryoneKnows("the device has failed", snapshot => Find(snapshot, device) is { Open: false, State: DeviceState.Failed } report && report.Reason!.StartsWith("Self-check: ", StringComparison.Ordinal));
        (await DemoCluster.Hear(demo.Client, Requests[1])).Start!.Device.ShouldNotBe(device);

        await Becomes(control, DeviceState.Open, await control.Open(Ends));
        await demo.EveryPageIsBack();
    }

    [Fact]
    public async Task A_device_that_fails_its_check_at_the_start_keeps_the_others_from_nothing()
    {
        using var confused = WatchedRunner.Confuse("Primary/1");
        await using var demo = await DemoCluster.Start(silos: 1);
        demo.Devices.Count().ShouldBe(2);
        (await demo.Client.GetGrain<IDeviceControlGrain>("Primary/1").Status(Ends)).State.ShouldBe(DeviceState.Failed);
        var heard = await Task.WhenAll(Golden.All.Select(golden => DemoCluster.Hear(demo.Client, golden.Request)));
        heard.ShouldAllBe(answer => answer.Start!.Device == "Primary/0");
    }

    /// <summary>A check that runs beside an answer, whose steps go on only with the check's own: it can't end before.</summary>
    private static async Task<SelfCheck> Beside(StepGate steps, DemoCluster demo, Task<SelfCheck> check)
    {
        while (!check.IsCompleted)
        {
            await Eventually.Holds("a step waits that the check needs", () => Task.FromResult(check.IsCompleted || (steps.Held > 0 && (demo.Waiting > 0 || demo.Running > 1))), TimeSpan.FromSeconds(30), Ends);
            if (!check.IsCompleted) steps.Let();
        }

        return await check;
    }

    private static DeviceReport? Find(DeviceSnapshot snapshot, string device) => snapshot.Devices.FirstOrDefault(report => report.Device == device);

    private static async Task<ControlRefusal> Refused(Task call) => (await Should.ThrowAsync<DeviceControlException>(call)).Reason;

    private static Task Becomes(IDeviceControlGrain device, DeviceState state, DeviceStatus? before = null)
    {
        before?.State.ShouldBe(DeviceState.Opening);
        return Eventually.Holds($"the device is {state}", async () => (await device.Status(Ends)).State == state, TimeSpan.FromSeconds(20), Ends);
    }
}
