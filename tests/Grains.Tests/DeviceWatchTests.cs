using Splitwiser.Tests;

namespace Splitwiser.Grains.Tests;

public sealed class DeviceWatchTests
{
    private static readonly GrainOptions Options = new();

    private static readonly LeaseRef Lease = new(1, 1);

    private readonly ManualTime time = new();
    private readonly QuietPages pages = new();
    private readonly TaskCompletionSource<int> answer = new();
    private readonly CancellationTokenSource cancel = new();
    private readonly DeviceWatch watch;

    public DeviceWatchTests() => watch = new("a/0", pages, Options, time);

    [Fact]
    public async Task A_device_that_answers_in_time_is_not_asked_for_a_sign_of_life()
    {
        var wait = watch.Answer(answer.Task, cancel.Token);
        time.Advance(Options.Silence / 2);
        answer.SetResult(5);
        (await wait).ShouldBe(5);
        pages.Asked.ShouldBe(0);
    }

    [Fact]
    public async Task A_device_without_a_sign_of_life_is_lost_within_three_seconds()
    {
        pages.Lives = false;
        var wait = watch.Answer(answer.Task, cancel.Token);
        (await Loss(wait)).Device.ShouldBe("a/0");
        pages.Asked.ShouldBe(1);
        (Options.Silence * 1.125 + Options.SignOfLife).ShouldBeLessThan(TimeSpan.FromSeconds(3)); // a feed looks around eight times in a silence
    }

    [Fact]
    public async Task A_prompt_may_wait_in_a_living_devices_queue()
    {
        var wait = watch.Answer(answer.Task, cancel.Token);
        await Pass(Options.QueueDeadline / 2);
        wait.IsCompleted.ShouldBeFalse();
        answer.SetResult(5);
        (await wait).ShouldBe(5);
    }

    [Fact]
    public async Task A_prompt_that_is_given_up_is_withdrawn_by_its_ticket()
    {
        var prefill = new SilentPrefill();
        var cancelled = watch.Prefilled(prefill, Plans.Of().Behind([]), cancel.Token);
        prefill.Ticket.ShouldNotBe(Guid.Empty);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(cancelled);
        prefill.Withdrawn.ShouldBe(prefill.Ticket);

        pages.Lives = false;
        var lost = watch.Prefilled(prefill, Plans.Of().Behind([]), TestContext.Current.CancellationToken);
        prefill.Withdrawn.ShouldNotBe(prefill.Ticket, "each attempt has a ticket of its own");
        await Loss(lost);
        prefill.Withdrawn.ShouldBe(prefill.Ticket);
    }

    [Fact]
    public async Task A_door_that_does_not_answer_is_lost_within_three_seconds_though_the_device_lives()
    {
        var wait = watch.AnswerAtOnce(answer.Task, cancel.Token);
        time.Advance((Options.Silence + Options.SignOfLife) * 0.99);
        wait.IsCompleted.ShouldBeFalse();
        time.Advance(Options.Silence);
        (await Should.ThrowAsync<DeviceLostException>(wait)).Device.ShouldBe("a/0");
        (Options.Silence + Options.SignOfLife).ShouldBeLessThan(TimeSpan.FromSeconds(3));
    }

    [Theory]
    [InlineData(LeasePhase.Queued)]
    [InlineData(LeasePhase.Prefilling)]
    public async Task A_preempted_sequence_may_be_silent_for_longer_than_a_decoding_one(LeasePhase phase)
    {
        pages.Phase = phase;
        (await watch.LossOf(Lease, 2 * Options.StallDeadline, cancel.Token)).ShouldBeNull();
        (await watch.LossOf(Lease, Options.QueueDeadline, cancel.Token)).ShouldNotBeNull().Device.ShouldBe("a/0");
        pages.Phase = LeasePhase.Decoding;
        (await watch.LossOf(Lease, Options.StallDeadline / 2, cancel.Token)).ShouldBeNull();
        (await watch.LossOf(Lease, 2 * Options.StallDeadline, cancel.Token)).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(LeasePhase.Ended)]
    [InlineData(null)]
    public async Task A_device_that_keeps_an_end_to_itself_is_lost(LeasePhase? phase)
    {
        pages.Phase = phase;
        (await watch.LossOf(Lease, Options.Silence, cancel.Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_silent_sequence_is_lost_when_its_device_gives_no_sign_of_life()
    {
        pages.Lives = false;
        var judging = watch.LossOf(Lease, Options.Silence, cancel.Token);
        time.Advance(Options.SignOfLife);
        (await judging).ShouldNotBeNull().InnerException.ShouldBeOfType<TimeoutException>();
    }

    [Fact]
    public async Task A_call_that_must_not_fail_says_why_it_did()
    {
        (await watch.Failure(() => Task.CompletedTask)).ShouldBeNull();
        (await watch.Failure(() => throw new TimeoutException("too late"))).ShouldBe("too late");
        (await watch.Failure(() => Task.FromException(new DeviceGoneException("a/0", "gone")))).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_cancelled_wait_ends_at_once_as_cancelled()
    {
        var wait = watch.Answer(answer.Task, cancel.Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(wait);
    }

    public static TheoryData<Exception, bool> Failures => new()
    {
        { new DeviceGoneException("a/0", "gone"), true },
        { new SiloUnavailableException("gone"), true },
        { new TimeoutException(), true },
        { new EnumerationAbortedException("cut"), true },
        { new OperationCanceledException(), true }, // nobody here cancelled: its silo goes down
        { new LeaseGoneException(LeaseLoss.Unknown, "restarted"), true },
        { new LeaseGoneException(LeaseLoss.Expired, "idle"), false },
        { new RequestRefusedException(RefusalReason.QueueFull, "full"), false },
        { new InvalidOperationException("a bug"), false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Only_the_failures_of_one_class_mean_that_the_device_is_lost(Exception failure, bool lost)
    {
        answer.SetException(failure);
        var thrown = await Should.ThrowAsync<Exception>(watch.Answer(answer.Task, cancel.Token));
        if (lost) thrown.ShouldBeOfType<DeviceLostException>().InnerException.ShouldBe(failure);
        else thrown.ShouldBe(failure);
    }

    /// <summary>Lets time pass, in steps that leave the watch room to act in between.</summary>
    private Task Pass(TimeSpan span)
    {
        var passed = TimeSpan.Zero;
        return Eventually.Holds($"{span} passed", () =>
        {
            if (passed >= span) return Task.FromResult(true);
            time.Advance(Options.Silence);
            passed += Options.Silence;
            return Task.FromResult(false);
        }, TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    /// <summary>Lets time pass until the watch gives up.</summary>
    private async Task<DeviceLostException> Loss(Task wait)
    {
        await Eventually.Holds("the device is lost", () =>
        {
            time.Advance(TimeSpan.FromSeconds(0.5));
            return Task.FromResult(wait.IsCompleted);
        }, TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        return await Should.ThrowAsync<DeviceLostException>(wait);
    }
}
