using Splitwiser.Tests;
using static Splitwiser.Grains.Tests.Reports;

namespace Splitwiser.Grains.Tests;

public sealed class DeviceViewTests
{
    private readonly ManualTime time = new();
    private readonly DeviceView view;

    public DeviceViewTests() => view = new(new(), time);

    [Fact]
    public void Requests_between_two_heartbeats_do_not_all_go_to_the_device_that_was_idle()
    {
        view.Renew(Snapshot(Idle("a/0"), Idle("a/1"), Idle("b/0"), Idle("b/1")));
        Enumerable.Range(0, 8).Select(_ => Route()).GroupBy(device => device).Select(group => group.Count()).ShouldBe([2, 2, 2, 2]);
    }

    [Fact]
    public void A_booking_counts_until_the_second_renewal()
    {
        var snapshot = Snapshot(Idle("a/0"), Idle("b/0") with { QueuedTokens = 32 });
        view.Renew(snapshot);
        Route().ShouldBe("a/0");
        view.Renew(snapshot);   // may be older than the booking
        Route().ShouldBe("b/0");
        view.Renew(snapshot);   // knows of the first, if it ever will; the second still counts
        Route().ShouldBe("a/0");
    }

    [Fact]
    public void A_booking_weighs_what_the_device_must_compute()
    {
        view.Renew(Snapshot(Idle("a/0") with { CachedPrefixes = [1, 2, 3, 4] }, Idle("b/0")));
        var prompt = Prompt(130) with { Blocks = [1, 2, 3, 4] };
        for (var i = 0; i < 3; i++)
        {
            view.TryRoute(prompt, out var device).ShouldBeTrue();
            device.ShouldBe("a/0", "its cache saves more than the few that wait there cost");
        }
    }

    [Fact]
    public void The_snapshot_itself_stays_as_the_directory_gave_it()
    {
        var snapshot = Snapshot(Idle("a/0"));
        view.Renew(snapshot);
        Route();
        view.Snapshot.ShouldBeSameAs(snapshot);
    }

    [Fact]
    public void A_device_that_a_request_has_lost_is_avoided_by_all_until_its_silo_reports_again()
    {
        var far = Idle("b/0") with { QueuedTokens = 9999 };
        view.Renew(Snapshot(Idle("a/0"), far));
        view.Doubt("a/0");
        Route().ShouldBe("b/0", "though the directory says nothing new");
        time.Advance(TimeSpan.FromSeconds(0.3));
        view.Renew(Snapshot(Idle("a/0") with { Age = TimeSpan.FromSeconds(0.4) }, far));
        Route().ShouldBe("b/0", "its silo has said nothing since");
        view.Renew(Snapshot(Idle("a/0") with { Age = TimeSpan.FromSeconds(0.2) }, far));
        Route().ShouldBe("a/0", "its silo lives");
    }

    [Fact]
    public void A_device_in_doubt_is_taken_when_there_is_no_other()
    {
        view.Renew(Snapshot(Idle("a/0")));
        view.Doubt("a/0");
        Route().ShouldBe("a/0");
    }

    [Fact]
    public void Who_waits_for_a_renewal_is_told()
    {
        var renewal = view.Renewal;
        renewal.IsCompleted.ShouldBeFalse();
        view.Renew(Snapshot());
        renewal.IsCompletedSuccessfully.ShouldBeTrue();
        view.Renewal.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void A_booking_on_a_device_that_has_left_is_forgotten()
    {
        view.Renew(Snapshot(Idle("a/0")));
        Route();
        view.Renew(Snapshot(Idle("b/0")));
        Route().ShouldBe("b/0");
    }

    [Fact]
    public void Devices_that_are_routed_to_in_turn_get_one_each_whatever_they_have()
    {
        var turns = new DeviceView(new() { Routing = RoutingRule.RoundRobin }, time);
        turns.Renew(Snapshot(Idle("a/0") with { Running = 9 }, Idle("a/1") with { CachedPrefixes = [1, 2, 3, 4] }, Idle("b/0")));
        var picks = Enumerable.Range(0, 6).Select(_ => turns.TryRoute(Prompt(130) with { Blocks = [1, 2, 3, 4] }, out var device) ? device : null).ToList();
        picks.GroupBy(device => device).Select(group => group.Count()).ShouldBe([2, 2, 2]);
        picks[..3].Distinct().Count().ShouldBe(3);
    }

    private string? Route() => view.TryRoute(Prompt(32), out var device) ? device : null;
}
