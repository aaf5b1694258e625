using static Splitwiser.Grains.Tests.Reports;

namespace Splitwiser.Grains.Tests;

public sealed class DeviceDirectoryTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly DeviceRoll roll = new(expiry: 3 * Second);

    [Fact]
    public void A_silent_silo_ages_and_is_struck_off_when_it_expires()
    {
        roll.Enter(From("a"), TimeSpan.Zero);
        roll.Enter(From("b"), 2 * Second);
        roll.At(3 * Second).Devices.Select(device => (device.Device, device.Age)).ShouldBe([("a/0", 3 * Second), ("b/0", Second)]);
        roll.At(3.1 * Second).Devices.Select(device => device.Device).ShouldBe(["b/0"]);
    }

    [Fact]
    public void A_silo_that_reports_again_is_young_again()
    {
        roll.Enter(From("a"), TimeSpan.Zero);
        roll.Enter(From("a"), 3 * Second);
        roll.At(4 * Second).Devices.Single().Age.ShouldBe(Second);
    }

    [Fact]
    public void A_leaving_silo_is_routed_to_no_more_and_comes_back_with_its_next_life()
    {
        roll.Enter(From("a"), TimeSpan.Zero);
        roll.Enter(From("a") with { Leaving = true }, Second);
        roll.At(Second).Devices.ShouldBeEmpty();
        roll.Enter(From("a"), 2 * Second);
        roll.At(2 * Second).Devices.Length.ShouldBe(1);
    }

    [Fact]
    public void Every_change_counts_the_version_up()
    {
        roll.Enter(From("a"), TimeSpan.Zero);
        var first = roll.At(TimeSpan.Zero).Version;
        roll.Enter(From("b"), TimeSpan.Zero);
        var second = roll.At(TimeSpan.Zero).Version;
        second.ShouldBeGreaterThan(first);
        roll.At(Second).Version.ShouldBe(second);
        roll.At(4 * Second).Version.ShouldBeGreaterThan(second);
    }

    private static SiloReport From(string silo) => new(silo, [Idle($"{silo}/0")], Leaving: false);
}
