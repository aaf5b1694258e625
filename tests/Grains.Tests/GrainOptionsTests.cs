namespace Splitwiser.Grains.Tests;

public sealed class GrainOptionsTests
{
    [Fact]
    public void The_defaults_are_in_order() => new GrainOptions().Checked().ShouldNotBeNull();

    public static TheoryData<string, GrainOptions> Wrong => new()
    {
        { "HeartbeatPeriod", new() { HeartbeatPeriod = TimeSpan.Zero } },
        { "SignOfLife", new() { SignOfLife = TimeSpan.FromSeconds(-1) } },
        { "MaxAttempts", new() { MaxAttempts = 0 } },
        { "DeviceExpiry", new() { DeviceExpiry = TimeSpan.FromMilliseconds(300) } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_value_that_nothing_could_run_with_is_named(string name, GrainOptions options) =>
        Should.Throw<ArgumentOutOfRangeException>(() => options.Checked()).ParamName.ShouldBe(name);
}
