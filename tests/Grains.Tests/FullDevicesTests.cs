using Splitwiser.Tests;
using static Splitwiser.Grains.Tests.Reports;

namespace Splitwiser.Grains.Tests;

public sealed class FullDevicesTests
{
    private static readonly GrainOptions Options = new();

    private readonly ManualTime time = new();
    private readonly DeviceView view;
    private readonly FullDevices full;

    public FullDevicesTests()
    {
        view = new(Options, time);
        full = new(view, Plans.Demo, Options, time);
    }

    [Fact]
    public void A_refusal_speaks_for_its_device_for_a_short_while()
    {
        view.Renew(Snapshot(Idle("a/0")));
        full.Refusal(0).ShouldBeNull();
        full.Add("a/0", 0, Full());
        full.Refusal(0)!.Reason.ShouldBe(RefusalReason.QueueFull);
        time.Advance(Options.FullMemory - TimeSpan.FromTicks(1));
        full.Refusal(0).ShouldNotBeNull();
        time.Advance(TimeSpan.FromTicks(1));
        full.Refusal(0).ShouldBeNull();
    }

    [Fact]
    public void Who_is_refused_is_of_that_priority_or_a_lower_one()
    {
        view.Renew(Snapshot(Idle("a/0")));
        full.Add("a/0", 3, Full());
        full.Refusal(3).ShouldNotBeNull();
        full.Refusal(4).ShouldNotBeNull();
        full.Refusal(2).ShouldBeNull();
    }

    [Fact]
    public void A_lower_priority_refused_later_does_not_let_a_higher_one_in()
    {
        view.Renew(Snapshot(Idle("a/0")));
        full.Add("a/0", 0, Full());
        full.Add("a/0", 5, Full());
        full.Refusal(0).ShouldNotBeNull();
        time.Advance(Options.FullMemory);
        full.Add("a/0", 5, Full());
        full.Refusal(0).ShouldBeNull("what is known of it is old");
        full.Refusal(5).ShouldNotBeNull();
    }

    [Fact]
    public void Nobody_is_refused_while_one_device_may_have_room()
    {
        view.Renew(Snapshot(Idle("a/0"), Idle("b/0"), Idle("c/0") with { Open = false }, Idle("d/0") with { Model = "other" }));
        full.Add("a/0", 0, Full(seconds: 7));
        full.Refusal(0).ShouldBeNull();
        full.Add("b/0", 0, Full(seconds: 4));
        full.Refusal(0)!.RetryAfter.ShouldBe(TimeSpan.FromSeconds(4), "the one that has room first");
    }

    [Fact]
    public void Without_a_device_there_is_nobody_to_refuse()
    {
        view.Renew(Snapshot(Idle("a/0")));
        full.Add("a/0", 0, Full());
        view.Renew(Snapshot());
        full.Refusal(0).ShouldBeNull();
    }

    [Fact]
    public void Only_a_full_queue_is_remembered()
    {
        view.Renew(Snapshot(Idle("a/0")));
        full.Add("a/0", 0, new(RefusalReason.ContextOverflow, "Too long."));
        full.Refusal(0).ShouldBeNull();
    }

    private static RequestRefusedException Full(int seconds = 1) => new(RefusalReason.QueueFull, "Many wait.", retryAfter: TimeSpan.FromSeconds(seconds));
}
