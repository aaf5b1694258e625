using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

/// <summary>One seat, and time by hand: every wait can be told in advance.</summary>
public sealed class OverloadTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_prompt_that_others_would_keep_waiting_for_too_long_is_refused_and_told_when_to_come_back()
    {
        await using var device = OneSeat(TimeSpan.FromSeconds(10));
        using var gate = new StepGate(device.Runner);
        var admitted = await SeatTakenAndOneWaiting(device, gate);
        device.Time.Advance(TimeSpan.FromSeconds(3));           // nobody has left in that time: a place takes 3 s at least
        var refusal = await Refused(device, Request(Prompt(3, 8), 3));     // two places, and two deviations: 14.5 s
        refusal.Reason.ShouldBe(DeviceRefusal.QueueFull);
        refusal.RetryAfter.ShouldBe(TimeSpan.FromSeconds(15));
        gate.Open();
        await EndRight(device, admitted);
    }

    [Fact]
    public async Task A_higher_priority_waits_for_fewer_and_gets_in()
    {
        await using var device = OneSeat(TimeSpan.FromSeconds(10));
        using var gate = new StepGate(device.Runner);
        var admitted = await SeatTakenAndOneWaiting(device, gate);
        device.Time.Advance(TimeSpan.FromSeconds(3));
        admitted.Add(Start(device, Request(Prompt(3, 8), 3) with { Priority = -1 }));
        await Refused(device, Request(Prompt(4, 8), 3));
        gate.Open();
        await EndRight(device, admitted);
    }

    [Fact]
    public async Task Who_is_of_a_call_that_is_in_or_goes_on_with_an_answer_is_not_turned_away()
    {
        await using var device = OneSeat(TimeSpan.FromSeconds(10));
        using var gate = new StepGate(device.Runner);
        var call = Guid.NewGuid();
        var admitted = await SeatTakenAndOneWaiting(device, gate, call);
        device.Time.Advance(TimeSpan.FromSeconds(3));
        var resumed = device.Worker.Prefill(Request(Prompt(5, 9), 4) with { OutputStart = 8 }, Ct);
        for (var i = 0; i < 5; i++) admitted.Add(Start(device, Request(Prompt(10 + i, 8), 3) with { Call = call }));    // more than the queue's limit
        await Refused(device, Request(Prompt(4, 8), 3) with { Call = Guid.NewGuid() });
        gate.Open();
        await EndRight(device, admitted);
        using var reader = device.Worker.Attach((await resumed).Lease, 1);
        (await ReadAll(reader, Ct)).Tokens.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_long_prompt_is_taken_in_by_an_idle_device_whatever_it_has_learned()
    {
        await using var device = OneSeat(TimeSpan.FromMilliseconds(1));
        device.Runner.OnRun = (_, _) => device.Time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 3; i++) (await device.Generate(Request(Prompt(i, 600), 2), Ct)).Tokens.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_full_queue_gives_its_last_place_to_a_higher_priority()
    {
        await using var device = OneSeat(target: null);
        using var gate = new StepGate(device.Runner);
        var admitted = await SeatTakenAndOneWaiting(device, gate);
        var last = Start(device, Request(Prompt(3, 20), 3) with { Priority = 1 });
        admitted.Add(Start(device, Request(Prompt(4, 20), 3)));            // the limit is 2
        var displaced = await Should.ThrowAsync<DeviceRefusedException>(last.Answer);
        displaced.Reason.ShouldBe(DeviceRefusal.QueueFull);
        displaced.RetryAfter.ShouldNotBeNull();
        await Refused(device, Request(Prompt(5, 2), 3));                   // shorter, and no more
        gate.Open();
        await EndRight(device, admitted);
    }

    [Fact]
    public async Task A_queue_that_was_left_by_all_who_waited_does_not_count_the_time_since()
    {
        await using var device = OneSeat(TimeSpan.FromSeconds(10));
        using var gate = new StepGate(device.Runner);
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var running = Start(device, Request(Prompt(1, 8), 100));
        await gate.Arrival();
        var waiting = device.Worker.Prefill(Request(Prompt(2, 8), 3), leaves.Token);
        await PromptsHadTheirTurn(gate);
        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        device.Time.Advance(TimeSpan.FromHours(1));
        var admitted = new List<Started> { running, Start(device, Request(Prompt(3, 8), 3)) };
        gate.Open();
        await EndRight(device, admitted);
    }

    private static TestDevice OneSeat(TimeSpan? target) => new(options: new DeviceOptions
    {
        Mode = PhaseMode.Serial, MaxSequences = 1, QueueLimit = 2, TtftTarget = target, PrefixCaching = false,
        HandoffTimeout = TimeSpan.FromDays(1), ConsumerIdleTimeout = TimeSpan.FromDays(1),
    });

    private static async Task<List<Started>> SeatTakenAndOneWaiting(TestDevice device, StepGate gate, Guid? call = null)
    {
        var running = Start(device, Request(Prompt(1, 8), 100));
        await gate.Arrival();
        var waiting = Start(device, Request(Prompt(2, 8), 3) with { Call = call });
        await PromptsHadTheirTurn(gate);
        return [running, waiting];
    }

    /// <summary>Two steps on, one of them would have been a prompt's, had there been a seat.</summary>
    private static async Task PromptsHadTheirTurn(StepGate gate)
    {
        for (var i = 0; i < 2; i++)
        {
            gate.Pass();
            await gate.Arrival();
        }
    }

    private static Started Start(TestDevice device, PromptRequest request) => new(request, device.Generate(request, Ct));

    private static async Task EndRight(TestDevice device, List<Started> admitted)
    {
        foreach (var (request, answer) in admitted) (await answer).Tokens.ShouldBe(device.Alone(request));
    }

    private static Task<DeviceRefusedException> Refused(TestDevice device, PromptRequest request) =>
        Should.ThrowAsync<DeviceRefusedException>(() => device.Worker.Prefill(request, Ct).WaitAsync(TimeSpan.FromSeconds(20), Ct));

    private sealed record Started(PromptRequest Request, Task<(List<int> Tokens, SequenceEnd End)> Answer);
}
