using Splitwiser.Tests;
using static Splitwiser.Grains.Tests.Reports;

namespace Splitwiser.Grains.Tests;

public sealed class JourneyTests
{
    private static readonly GrainOptions Options = new();

    private readonly ManualTime time = new();
    private readonly DeviceView view;
    private readonly Journey journey;

    public JourneyTests()
    {
        view = new(Options, time);
        journey = new(Plans.Of(), view, new(view, Plans.Demo, Options, time), Options, time);
    }

    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lost_device_is_not_tried_again_and_another_silo_is_tried_first()
    {
        view.Renew(Snapshot(Idle("a/0"), Idle("a/1") , Idle("b/0") with { QueuedTokens = 5000 }));
        var first = await Next();
        first.ShouldStartWith("a/");
        journey.Lost(first);
        (await Next()).ShouldBe("b/0");
        journey.Lost("b/0");
        (await Next()).ShouldBe(first == "a/0" ? "a/1" : "a/0");
    }

    [Fact]
    public async Task The_first_device_to_come_up_is_waited_for()
    {
        var next = Next();
        next.IsCompleted.ShouldBeFalse();
        view.Renew(Snapshot(Idle("a/0")));
        (await next).ShouldBe("a/0");
    }

    [Fact]
    public async Task A_cluster_without_devices_refuses_after_the_route_deadline()
    {
        var next = Next();
        time.Advance(Options.RouteDeadline);
        (await Should.ThrowAsync<RequestRefusedException>(next)).Reason.ShouldBe(RefusalReason.Unavailable);
    }

    [Fact]
    public async Task When_every_device_is_full_the_refusal_says_when_the_first_will_have_room()
    {
        view.Renew(Snapshot(Idle("a/0"), Idle("b/0")));
        for (var i = 0; i < 2; i++) journey.Refused(await Next(), Full(seconds: i + 1));
        (await Should.ThrowAsync<RequestRefusedException>(Next())).RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task An_admitted_request_waits_for_room_elsewhere_and_is_lost_not_refused()
    {
        view.Renew(Snapshot(Idle("a/0"), Idle("b/0")));
        journey.Admitted = true;
        journey.Lost("a/0");
        journey.Refused(await Next(), Full(seconds: 1));
        var next = Next();
        next.IsCompleted.ShouldBeFalse();
        view.Renew(Snapshot(Idle("b/0")));
        (await next).ShouldBe("b/0");
        journey.Lost("b/0");
        next = Next();
        time.Advance(Options.RouteDeadline);
        (await Should.ThrowAsync<RequestLostException>(next)).Reason.ShouldBe(LossReason.DevicesLost);
    }

    [Fact]
    public void A_request_at_fault_is_refused_at_once()
    {
        var refusal = new RequestRefusedException(RefusalReason.ContextOverflow, "never fits");
        Should.Throw<RequestRefusedException>(() => journey.Refused("a/0", refusal)).ShouldBe(refusal);
    }

    [Fact]
    public async Task A_device_that_fell_silent_in_the_middle_of_the_answer_is_asked_again_only_when_there_is_no_other()
    {
        view.Renew(Snapshot(Idle("a/0"), Idle("b/0") with { QueuedTokens = 5000 }));
        (await Next()).ShouldBe("a/0");
        journey.Admitted = true;
        journey.Left("a/0");
        (await Next()).ShouldBe("b/0");
        journey.Lost("b/0");
        (await Next()).ShouldBe("a/0");
        journey.Lost("a/0");
        var next = Next();
        time.Advance(Options.RouteDeadline);
        (await Should.ThrowAsync<RequestLostException>(next)).Reason.ShouldBe(LossReason.DevicesLost);
    }

    [Fact]
    public async Task Attempts_are_bounded()
    {
        view.Renew(Snapshot([.. Enumerable.Range(0, 9).Select(i => Idle($"s{i}/0"))]));
        journey.Admitted = true;
        for (var i = 0; i < Options.MaxAttempts; i++) journey.Lost(await Next());
        await Should.ThrowAsync<RequestLostException>(Next());
    }

    [Fact]
    public async Task A_cancelled_wait_ends_as_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        var next = journey.Next(Plans.Of().Behind([]), cancel.Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(next);
    }

    private static RequestRefusedException Full(int seconds) => new(RefusalReason.QueueFull, "full", retryAfter: TimeSpan.FromSeconds(seconds));

    private Task<string> Next() => journey.Next(Plans.Of().Behind([]), Ends);
}
