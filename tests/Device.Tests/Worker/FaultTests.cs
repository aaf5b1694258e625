using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class FaultTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<PhaseMode, int> ModesAndDepths => new()
    {
        { PhaseMode.Serial, 1 }, { PhaseMode.Serial, 2 }, { PhaseMode.Chunked, 2 }, { PhaseMode.Streams, 1 }, { PhaseMode.Streams, 2 }, { PhaseMode.Adaptive, 1 },
    };

    [Theory, MemberData(nameof(ModesAndDepths))]
    public async Task A_fault_answers_everyone_who_waits_closes_the_device_and_returns_the_pages(PhaseMode mode, int depth)
    {
        await using var device = new TestDevice(new PagedRunner(queueDepth: depth), new DeviceOptions { Mode = mode, MaxSequences = 3 });
        using var gate = new StepGate(device.Runner);
        var prefills = Enumerable.Range(0, 6).Select(i => device.Worker.Prefill(Request(Prompt(i, 20), 500), Ct)).ToList();
        await gate.PassUntil(() => prefills.Any(prefill => prefill.IsCompleted));
        var decoding = await prefills.First(prefill => prefill.IsCompleted);
        using var reader = device.Worker.Attach(decoding.Lease, 0);
        reader.TryRead(out _).ShouldBeTrue();

        device.Runner.OnRun = (_, _) => throw new DeviceFaultException("ECC error");
        gate.Open();
        await device.Worker.Closed.WaitAsync(TimeSpan.FromSeconds(20), Ct);

        (await Should.ThrowAsync<DeviceFaultException>(() => ReadAll(reader, Ct))).Message.ShouldBe("ECC error");
        foreach (var prefill in prefills.Where(prefill => !prefill.IsCompletedSuccessfully))
            (await Should.ThrowAsync<DeviceFaultException>(() => prefill)).Message.ShouldBe("ECC error");
        device.Worker.IsOpen.ShouldBeFalse();
        device.Worker.Fault!.Message.ShouldBe("ECC error");
        device.Worker.Pages.Leased.ShouldBe(0);
        device.Worker.CheckInvariants();
        (await Should.ThrowAsync<DeviceRefusedException>(() => device.Worker.Prefill(Request([1], 1), Ct))).Reason.ShouldBe(DeviceRefusal.Closed);
        Should.Throw<DeviceRefusedException>(() => device.Worker.Attach(decoding.Lease, 0)).Reason.ShouldBe(DeviceRefusal.Closed);
    }

    [Fact]
    public async Task What_was_generated_before_a_fault_can_still_be_read()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var request = Request(Prompt(1, 20), 500);
        var prefill = device.Worker.Prefill(request, Ct);
        for (var i = 0; i < 5; i++) await gate.PassNext();
        using var reader = device.Worker.Attach((await prefill).Lease, 0);
        await gate.Arrival();
        device.Runner.OnWait = _ => throw new DeviceFaultException("gone");
        gate.Open();
        await device.Worker.Closed;

        var tokens = new List<int>();
        await Should.ThrowAsync<DeviceFaultException>(async () =>
        {
            while (await reader.WaitToReadAsync(Ct))
                while (reader.TryRead(out var token)) tokens.Add(token.Token.TokenId);
        });
        tokens.ShouldBe(device.Alone(request).Take(5));
    }

    [Fact]
    public async Task Any_other_exception_of_the_runner_is_a_fault_that_carries_it()
    {
        await using var device = new TestDevice();
        device.Runner.OnWait = _ => throw new InvalidDataException("not a number");
        var fault = await Should.ThrowAsync<DeviceFaultException>(() => device.Worker.Prefill(Request([1], 1), Ct));
        fault.InnerException.ShouldBeOfType<InvalidDataException>();
        fault.Message.ShouldContain("not a number");
        await device.Worker.Closed;
    }

    [Fact]
    public async Task A_device_stays_accounted_while_its_other_lane_is_still_running()
    {
        await using var device = new TestDevice(options: new DeviceOptions { Mode = PhaseMode.Streams });
        using var gate = new StepGate(device.Runner);
        var first = device.Worker.Prefill(Request(Prompt(1, 20), 500), Ct);
        await gate.PassNext();
        await first;
        await gate.Arrival();                   // decode
        gate.AtGate.ShouldStartWith("Decode");
        var second = device.Worker.Prefill(Request(Prompt(2, 20), 500), Ct);
        await gate.Arrival();                   // and prefill beside it
        using var slow = new SemaphoreSlim(0);
        device.Runner.OnWait = lane =>
        {
            if (lane == Lane.Decode) throw new DeviceFaultException("half of it");
            slow.Wait();
        };
        gate.Open();
        await Should.ThrowAsync<DeviceFaultException>(() => second);
        device.Worker.Closed.IsCompleted.ShouldBeFalse();
        device.Worker.Pages.Leased.ShouldBe(2);     // the prefill lane may still write there
        device.Worker.CheckInvariants();
        slow.Release();
        await device.Worker.Closed.WaitAsync(TimeSpan.FromSeconds(20), Ct);
        device.Worker.Pages.Leased.ShouldBe(0);
    }

    [Fact]
    public async Task Disposing_ends_everything_and_may_be_repeated()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var running = device.Worker.Prefill(Request(Prompt(1, 20), 500), Ct);
        await gate.PassNext();
        using var reader = device.Worker.Attach((await running).Lease, 0);
        await gate.Arrival();
        var waiting = device.Worker.Prefill(Request(Prompt(2, 20), 500), Ct);
        var disposing = device.Worker.DisposeAsync().AsTask();
        await Should.ThrowAsync<DeviceFaultException>(() => waiting);
        disposing.IsCompleted.ShouldBeFalse();  // a step is running
        gate.Open();
        await disposing;
        await device.Worker.DisposeAsync();
        await Should.ThrowAsync<DeviceFaultException>(() => ReadAll(reader, Ct));
        device.Worker.Closed.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task A_drain_refuses_new_prompts_and_completes_when_the_others_were_read()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var request = Request(Prompt(1, 20), 5);
        var running = device.Generate(request, Ct);
        await gate.Arrival();
        var drain = device.Worker.Drain(Ct);
        device.Worker.IsOpen.ShouldBeFalse();
        (await Should.ThrowAsync<DeviceRefusedException>(() => device.Worker.Prefill(request, Ct))).Reason.ShouldBe(DeviceRefusal.Draining);
        drain.IsCompleted.ShouldBeFalse();
        gate.Open();
        (await running).Tokens.ShouldBe(device.Alone(request));
        await drain.WaitAsync(TimeSpan.FromSeconds(20), Ct);
        device.Worker.Pages.Leased.ShouldBe(0);
        await device.Worker.Drain(Ct);
    }

    [Fact]
    public async Task A_drain_can_be_given_up_and_ends_with_a_fault()
    {
        await using var device = new TestDevice();
        using var gate = new StepGate(device.Runner);
        var running = device.Worker.Prefill(Request(Prompt(1, 20), 5), Ct);
        await gate.Arrival();
        using var cancel = new CancellationTokenSource();
        var given = device.Worker.Drain(cancel.Token);
        var kept = device.Worker.Drain(Ct);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => given);
        device.Runner.OnWait = _ => throw new DeviceFaultException("gone");
        gate.Open();
        await Should.ThrowAsync<DeviceFaultException>(() => kept);
        await Should.ThrowAsync<DeviceFaultException>(() => running);
        await device.Worker.Drain(Ct);          // closed: nothing is left to drain
    }
}
