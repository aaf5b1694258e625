using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Grains.Tests;

public sealed class DeviceErrorsTests
{
    [Theory]
    [InlineData(DeviceRefusal.Invalid, RefusalReason.InvalidRequest)]
    [InlineData(DeviceRefusal.TooLong, RefusalReason.ContextOverflow)]
    [InlineData(DeviceRefusal.NeverFits, RefusalReason.ContextOverflow)]
    [InlineData(DeviceRefusal.QueueFull, RefusalReason.QueueFull)]
    public void What_the_request_can_help_is_a_refusal(DeviceRefusal device, RefusalReason wire)
    {
        var said = Said(new DeviceRefusedException(device, "why", TimeSpan.FromSeconds(3))).ShouldBeOfType<RequestRefusedException>();
        (said.Reason, said.Message).ShouldBe((wire, "why"));
        said.RetryAfter.ShouldBe(wire == RefusalReason.QueueFull ? TimeSpan.FromSeconds(3) : null);
    }

    [Theory]
    [InlineData(DeviceRefusal.Draining)]
    [InlineData(DeviceRefusal.Closed)]
    public void What_another_device_can_help_is_a_gone_device(DeviceRefusal device) =>
        Said(new DeviceRefusedException(device, "why")).ShouldBeOfType<DeviceGoneException>().Device.ShouldBe("a/0");

    [Fact]
    public void A_fault_is_a_gone_device() => Said(new DeviceFaultException("broke")).ShouldBeOfType<DeviceGoneException>();

    [Fact]
    public void A_lease_says_where_it_went()
    {
        Loss(new LeaseExpiredException(new LeaseId(1, 2), TimeSpan.FromSeconds(10))).ShouldBe(LeaseLoss.Expired);
        Loss(new ReaderSupersededException(new LeaseId(1, 2))).ShouldBe(LeaseLoss.Superseded);
        Loss(new DeviceRefusedException(DeviceRefusal.StaleLease, "")).ShouldBe(LeaseLoss.Unknown);
        Loss(new DeviceRefusedException(DeviceRefusal.UnknownLease, "")).ShouldBe(LeaseLoss.Unknown);
    }

    [Fact]
    public void Every_refusal_of_a_device_has_a_word_on_the_wire()
    {
        foreach (var reason in Enum.GetValues<DeviceRefusal>()) Said(new DeviceRefusedException(reason, "why")).ShouldNotBeNull();
    }

    [Fact]
    public void Cancellations_and_bugs_pass_as_they_are()
    {
        Said(new OperationCanceledException()).ShouldBeNull();
        Said(new InvalidOperationException()).ShouldBeNull();
    }

    private static LeaseLoss Loss(Exception error) => Said(error).ShouldBeOfType<LeaseGoneException>().Loss;

    private static Exception? Said(Exception error) => DeviceErrors.TryTranslate(error, "a/0");
}
