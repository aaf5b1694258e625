namespace Splitwiser.Grains.Tests;

public sealed class DeviceKeyTests
{
    [Theory]
    [InlineData("Primary/0", "Primary", 0)]
    [InlineData("rack/7/12", "rack/7", 12)]
    public void A_key_is_a_silos_name_and_an_index(string text, string silo, int index)
    {
        DeviceKey.TryParse(text, out var key).ShouldBeTrue();
        key.ShouldBe(new DeviceKey(silo, index));
        key.ToString().ShouldBe(text);
        DeviceKey.SiloOf(text).ToString().ShouldBe(silo);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Primary")]
    [InlineData("/0")]
    [InlineData("Primary/")]
    [InlineData("Primary/-1")]
    [InlineData("Primary/+1")]
    [InlineData("Primary/ 1")]
    [InlineData("Primary/99999999999")]
    public void Anything_else_is_none(string? text) => DeviceKey.TryParse(text, out _).ShouldBeFalse();
}
