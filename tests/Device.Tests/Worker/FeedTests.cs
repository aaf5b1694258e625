using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class FeedTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_feed_brings_what_a_reader_of_each_sequence_would_read()
    {
        await using var device = new TestDevice();
        var requests = Enumerable.Range(0, 6).Select(i => Request(Prompt(i, 20 + i), 10 + i)).ToList();
        var expected = new List<int[]>();
        foreach (var request in requests)
            expected.Add([.. (await device.Generate(request, Ct)).Tokens]);


        using var feed = device.Worker.OpenFeed();
        var leases = new List<LeaseId>();
        foreach (var prefill in requests.Select(request => device.Worker.Prefill(request, Ct)).ToList())
        {
            leases.Add((await prefill).Lease);
            device.Worker.Attach(leases[^1], 0, feed);
        }

        var outputs = await ReadAllOf(feed, leases.Count);
        for (var i = 0; i < leases.Count; i++) outputs[leases[i]].Ids.ShouldBe(expected[i]);
        outputs.Values.ShouldAllBe(output => output.End!.Reason == EndReason.Length);
        await device.UntilNoPageIsLeased();
    }

    [Fact]
    public async Task What_a_step_brings_to_several_sequences_wakes_the_consumer_once()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var leases = await Prefilled(device, gate, count: 4, tokens: 500);
        using var feed = device.Worker.OpenFeed();
        foreach (var lease in leases) device.Worker.Attach(lease, 0, feed);
        Drain(feed).ShouldBe(4);

        for (var step = 0; step < 5; step++)
        {
            var wait = feed.WaitToReadAsync(Ct).AsTask();
            gate.Pass();
            (await wait).ShouldBeTrue();
            Drain(feed).ShouldBe(4);
        }

        gate.Open();
    }

    [Fact]
    public async Task A_sequence_that_is_stopped_released_or_taken_over_says_so_on_the_feed()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var leases = await Prefilled(device, gate, count: 3, tokens: 400);
        using var feed = device.Worker.OpenFeed();
        foreach (var lease in leases) device.Worker.Attach(lease, 0, feed);
        device.Worker.Stop(leases[0], 1);
        device.Worker.Release(leases[1]);
        using var other = device.Worker.Attach(leases[2], 0);
        gate.Open();

        var outputs = await ReadAllOf(feed, 3);
        outputs[leases[0]].End!.Reason.ShouldBe(EndReason.Stopped);
        outputs[leases[1]].End!.Reason.ShouldBe(EndReason.Released);
        outputs[leases[2]].Failure.ShouldBeOfType<ReaderSupersededException>();
        (await ReadAll(other, Ct)).Tokens.Count.ShouldBe(400);
    }

    [Fact]
    public async Task Sequences_of_a_feed_that_nobody_reads_expire()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var lease = (await Prefilled(device, gate, count: 1, tokens: 400)).Single();
        using var feed = device.Worker.OpenFeed();
        device.Worker.Attach(lease, 0, feed);
        device.Time.Advance(TimeSpan.FromSeconds(9));
        device.Worker.Inspect(lease).ShouldNotBeNull();
        device.Time.Advance(TimeSpan.FromSeconds(2));
        gate.Open();
        await device.UntilNoPageIsLeased();
        (await ReadAllOf(feed, 1)).Values.Single().Failure.ShouldBeOfType<LeaseExpiredException>();
    }

    [Fact]
    public async Task A_feed_that_is_read_keeps_a_sequence_alive_that_has_no_news()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var lease = (await Prefilled(device, gate, count: 1, tokens: 400)).Single();
        using var feed = device.Worker.OpenFeed();
        device.Worker.Attach(lease, 0, feed);
        Drain(feed).ShouldBe(1);
        var wait = feed.WaitToReadAsync(Ct).AsTask();
        device.Time.Advance(TimeSpan.FromMinutes(5));
        device.Worker.Inspect(lease).ShouldNotBeNull();
        gate.Open();
        (await wait).ShouldBeTrue();
    }

    [Fact]
    public async Task A_feed_ends_when_the_device_has_drained_and_fails_when_it_closes()
    {
        await using var device = new TestDevice();
        using var drained = device.Worker.OpenFeed();
        var end = drained.WaitToReadAsync(Ct).AsTask();
        await device.Worker.Drain(Ct);
        (await end).ShouldBeFalse();

        await using var failing = new TestDevice();
        using var cut = failing.Worker.OpenFeed();
        var failure = cut.WaitToReadAsync(Ct).AsTask();
        await failing.Worker.DisposeAsync();
        await Should.ThrowAsync<DeviceFaultException>(failure);
        Should.Throw<DeviceRefusedException>(() => failing.Worker.OpenFeed()).Reason.ShouldBe(DeviceRefusal.Closed);
    }

    [Fact]
    public async Task A_feed_that_is_closed_lets_its_sequences_go_to_another_reader()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var lease = (await Prefilled(device, gate, count: 1, tokens: 50)).Single();
        var feed = device.Worker.OpenFeed();
        device.Worker.Attach(lease, 0, feed);
        feed.Dispose();
        gate.Open();
        using var reader = device.Worker.Attach(lease, 0);
        (await ReadAll(reader, Ct)).Tokens.Count.ShouldBe(50);
        await Should.ThrowAsync<ObjectDisposedException>(async () => await feed.WaitToReadAsync(Ct));
    }

    /// <summary>Sequences that have their first token; the next step stands at the gate.</summary>
    private static async Task<List<LeaseId>> Prefilled(TestDevice device, StepGate gate, int count, int tokens)
    {
        var prefills = Enumerable.Range(0, count).Select(i => device.Worker.Prefill(Request(Prompt(i, 20), tokens), Ct)).ToList();
        await gate.PassUntil(() => prefills.All(prefill => prefill.IsCompleted));
        return [.. (await Task.WhenAll(prefills)).Select(handoff => handoff.Lease)];
    }

    private sealed record Output(List<int> Ids, SequenceEnd? End, Exception? Failure);

    private static async Task<Dictionary<LeaseId, Output>> ReadAllOf(TokenFeed feed, int count)
    {
        var outputs = new Dictionary<LeaseId, Output>();
        while (outputs.Values.Count(output => output.End is not null || output.Failure is not null) < count)
        {
            (await feed.WaitToReadAsync(Ct)).ShouldBeTrue();
            while (feed.TryTake(out var reader))
            {
                if (!outputs.TryGetValue(reader.Lease, out var output)) outputs.Add(reader.Lease, output = new([], null, null));
                while (reader.TryRead(out var token)) output.Ids.Add(token.Token.TokenId);
                outputs[reader.Lease] = output with { End = reader.End, Failure = reader.Failure };
                if (reader.IsOver) reader.Dispose();
            }
        }

        return outputs;
    }

    /// <summary>Reads all that is ready; from how many sequences that was.</summary>
    private static int Drain(TokenFeed feed)
    {
        var sequences = 0;
        while (feed.TryTake(out var reader))
        {
            sequences++;
            while (reader.TryRead(out _)) { }
        }

        return sequences;
    }
}
