using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class ReaderTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tokens_come_with_their_index_and_the_logprobs_that_were_asked_for()
    {
        await using var device = new TestDevice();
        var request = Request(Prompt(1, 10), 40, new SamplingParams { Temperature = 0, TopLogprobs = 3 });
        using var reader = device.Worker.Attach((await device.Worker.Prefill(request, Ct)).Lease, 0);
        var expected = device.Alone(request);
        for (var i = 0; i < 40; i++)
        {
            (await reader.WaitToReadAsync(Ct)).ShouldBeTrue();
            reader.TryRead(out var token).ShouldBeTrue();
            token.ShouldBe(new OutputToken(i, new TokenLogprob(expected[i], PagedModel.Logprob(expected[i]))));
            var top = reader.TopLogprobs(i).ToArray();
            top.Select(each => each.TokenId).ShouldBe([expected[i], expected[i] + 1, expected[i] + 2]);
        }

        (await reader.WaitToReadAsync(Ct)).ShouldBeFalse();
        reader.End.ShouldBe(new SequenceEnd(EndReason.Length));
    }

    [Fact]
    public async Task Without_asking_there_are_no_logprobs()
    {
        await using var device = new TestDevice();
        using var reader = device.Worker.Attach((await device.Worker.Prefill(Request([1], 1), Ct)).Lease, 0);
        await reader.WaitToReadAsync(Ct);
        reader.TryRead(out var token).ShouldBeTrue();
        token.Token.Logprob.ShouldBe(0);
        reader.TopLogprobs(0).Length.ShouldBe(0);
    }

    [Fact]
    public async Task The_end_token_is_the_last_output_token()
    {
        await using var device = new TestDevice();
        var free = Request(Prompt(1, 10), 100);
        var fifth = device.Alone(free)[4];
        var (tokens, end) = await device.Generate(free with { Sampling = new SamplingParams { Temperature = 0, EndTokenIds = [fifth] } }, Ct);
        tokens.Count.ShouldBeLessThanOrEqualTo(5);
        tokens[^1].ShouldBe(fifth);
        end.ShouldBe(new SequenceEnd(EndReason.Stop, fifth));
    }

    [Fact]
    public async Task A_resumed_prompt_goes_on_at_the_next_output_index()
    {
        await using var device = new TestDevice();
        var fresh = Request(Prompt(1, 10), 30);
        var all = device.Alone(fresh);
        int[] delivered = [.. fresh.Tokens.ToArray(), .. all.Take(12)];
        var resumed = fresh with { Tokens = delivered };
        var handoff = await device.Worker.Prefill(resumed, Ct);
        Should.Throw<DeviceRefusedException>(() => device.Worker.Attach(handoff.Lease, 11)).Reason.ShouldBe(DeviceRefusal.Invalid);
        using var reader = device.Worker.Attach(handoff.Lease, 12);
        (await ReadAll(reader, Ct)).Tokens.ShouldBe(all.Skip(12));
    }

    [Fact]
    public async Task A_second_reader_ends_the_first_and_starts_where_it_wants()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var request = Request(Prompt(1, 10), 20);
        var prefill = device.Worker.Prefill(request, Ct);
        await gate.PassNext();
        var handoff = await prefill;
        using var first = device.Worker.Attach(handoff.Lease, 0);
        first.TryRead(out _).ShouldBeTrue();
        var wait = first.WaitToReadAsync(Ct);
        wait.IsCompleted.ShouldBeFalse();
        using var second = device.Worker.Attach(handoff.Lease, 0);
        (await Should.ThrowAsync<ReaderSupersededException>(async () => await wait)).Lease.ShouldBe(handoff.Lease);
        first.TryRead(out _).ShouldBeFalse();
        gate.Open();
        (await ReadAll(second, Ct)).Tokens.ShouldBe(device.Alone(request));
    }

    [Fact]
    public async Task A_reader_may_leave_and_another_take_up_where_it_was()
    {
        await using var device = new TestDevice();
        var request = Request(Prompt(1, 10), 20);
        var handoff = await device.Worker.Prefill(request, Ct);
        using (var first = device.Worker.Attach(handoff.Lease, 0))
            for (var i = 0; i < 7; i++)
            {
                await first.WaitToReadAsync(Ct);
                first.TryRead(out _).ShouldBeTrue();
            }

        using var second = device.Worker.Attach(handoff.Lease, 7);
        (await ReadAll(second, Ct)).Tokens.ShouldBe(device.Alone(request).Skip(7));
    }

    [Fact]
    public async Task Once_read_to_its_end_an_output_is_forgotten()
    {
        await using var device = new TestDevice();
        var handoff = await device.Worker.Prefill(Request([1], 3), Ct);
        using (var reader = device.Worker.Attach(handoff.Lease, 0)) await ReadAll(reader, Ct);
        Should.Throw<DeviceRefusedException>(() => device.Worker.Attach(handoff.Lease, 0)).Reason.ShouldBe(DeviceRefusal.UnknownLease);
    }

    [Fact]
    public async Task A_wait_can_be_cancelled_and_tried_again()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var request = Request(Prompt(1, 10), 5);
        var prefill = device.Worker.Prefill(request, Ct);
        await gate.PassNext();
        using var reader = device.Worker.Attach((await prefill).Lease, 0);
        reader.TryRead(out var first).ShouldBeTrue();

        for (var i = 0; i < 3; i++)
        {
            using var cancel = new CancellationTokenSource();
            var wait = reader.WaitToReadAsync(cancel.Token).AsTask();
            wait.IsCompleted.ShouldBeFalse();
            await cancel.CancelAsync();
            (await Should.ThrowAsync<OperationCanceledException>(() => wait)).CancellationToken.ShouldBe(cancel.Token);
            await Should.ThrowAsync<OperationCanceledException>(async () => await reader.WaitToReadAsync(cancel.Token));
        }

        gate.Open();
        List<int> tokens = [first.Token.TokenId, .. (await ReadAll(reader, Ct)).Tokens];
        tokens.ShouldBe(device.Alone(request));
    }

    [Fact]
    public async Task Two_waits_at_a_time_are_an_error()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var prefill = device.Worker.Prefill(Request([1], 5), Ct);
        await gate.PassNext();
        using var reader = device.Worker.Attach((await prefill).Lease, 0);
        reader.TryRead(out _).ShouldBeTrue();
        var wait = reader.WaitToReadAsync(Ct);
        Should.Throw<InvalidOperationException>(() => { _ = reader.WaitToReadAsync(Ct); });
        gate.Open();
        (await wait).ShouldBeTrue();
    }

    [Fact]
    public async Task A_readers_continuation_never_runs_on_a_lanes_thread()
    {
        var lanes = new HashSet<int>();
        await using var device = new TestDevice();
        device.Runner.OnRun = (_, _) =>
        {
            lock (lanes) lanes.Add(Environment.CurrentManagedThreadId);
        };
        var readers = await Task.Run(() => ReadAnywhere(device));
        lock (lanes) lanes.Overlaps(readers).ShouldBeFalse();

        // On the thread pool, without a context that would move continuations elsewhere.
        static async Task<HashSet<int>> ReadAnywhere(TestDevice device)
        {
            var handoff = await device.Worker.Prefill(Request(Prompt(1, 10), 300), Ct);
            var threads = new HashSet<int> { Environment.CurrentManagedThreadId };
            using var reader = device.Worker.Attach(handoff.Lease, 0);
            while (await reader.WaitToReadAsync(Ct))
            {
                threads.Add(Environment.CurrentManagedThreadId);
                while (reader.TryRead(out _))
                {
                }
            }

            return threads;
        }
    }

    [Fact]
    public async Task A_slow_reader_does_not_hold_decode_up()
    {
        await using var device = new TestDevice();
        var request = Request(Prompt(1, 10), 200);
        var handoff = await device.Worker.Prefill(request, Ct);
        using var reader = device.Worker.Attach(handoff.Lease, 0);
        await Until(() => device.Worker.Inspect(handoff.Lease)!.Phase == SequencePhase.Ended, "it has ended unread");
        device.Worker.Pages.Leased.ShouldBe(0);
        (await ReadAll(reader, Ct)).Tokens.ShouldBe(device.Alone(request));
    }
}
