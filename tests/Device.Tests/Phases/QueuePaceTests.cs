using Splitwiser.Gpu.Phases;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Phases;

public sealed class QueuePaceTests
{
    private readonly ManualTime time = new();
    private readonly QueuePace pace;

    public QueuePaceTests() => pace = new QueuePace(time);

    [Fact]
    public void Nothing_is_known_at_first()
    {
        pace.SecondsPerToken.ShouldBe(0);
        pace.SecondsPerPlace.ShouldBe(0);
        pace.IsBlocked.ShouldBeFalse();
    }

    [Fact]
    public void A_tokens_time_is_the_time_that_prefill_had_work_for()
    {
        time.Advance(TimeSpan.FromMinutes(1));      // idle
        pace.PrefillBegins(time.GetTimestamp());
        After(0.5, () => pace.Prefilled(100, time.GetTimestamp()));
        pace.SecondsPerToken.ShouldBe(0.005, 1e-9);
        time.Advance(TimeSpan.FromMinutes(1));
        pace.PrefillBegins(time.GetTimestamp());
        for (var i = 0; i < 100; i++) After(0.5, () => pace.Prefilled(50, time.GetTimestamp()));
        pace.SecondsPerToken.ShouldBe(0.01, 1e-4);  // the old is forgotten
    }

    [Fact]
    public void Places_that_come_free_together_are_counted_as_they_come_on_average()
    {
        pace.Blocked(time.GetTimestamp());
        for (var wave = 0; wave < 50; wave++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            for (var i = 0; i < 10; i++) pace.Placed(time.GetTimestamp());
        }

        pace.SecondsPerPlace.ShouldBe(0.1, 0.001);
    }

    [Fact]
    public void While_nobody_leaves_a_place_takes_as_long_as_it_was_waited_for()
    {
        pace.Blocked(time.GetTimestamp());
        After(1, () => pace.Placed(time.GetTimestamp()));
        time.Advance(TimeSpan.FromSeconds(0.5));
        pace.SecondsPerPlace.ShouldBe(1);
        time.Advance(TimeSpan.FromSeconds(9));
        pace.Blocked(time.GetTimestamp());          // still
        pace.SecondsPerPlace.ShouldBe(9.5);
    }

    [Fact]
    public void Places_that_nobody_waited_for_say_nothing()
    {
        pace.Placed(time.GetTimestamp());
        pace.Blocked(time.GetTimestamp());
        pace.IsBlocked.ShouldBeTrue();
        pace.QueueIsEmpty();
        time.Advance(TimeSpan.FromHours(1));
        pace.Placed(time.GetTimestamp());
        pace.IsBlocked.ShouldBeFalse();
        pace.SecondsPerPlace.ShouldBe(0);
    }

    private void After(double seconds, Action happens)
    {
        time.Advance(TimeSpan.FromSeconds(seconds));
        happens();
    }
}
