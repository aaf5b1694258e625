namespace Splitwiser.Grains.Tests;

public sealed class DevicePaceTests
{
    [Fact]
    public void The_first_reading_is_the_pace() => default(DevicePace).After(default, new(0.5, 1000, 0.2, 10, 0)).ShouldBe(new DevicePace(0.0005, 0.02));

    [Theory]
    [InlineData(1.024, 512, 0.0012)]
    [InlineData(0.512, 256, 0.0011)]
    [InlineData(2.048, 1024, 0.0012)]
    public void News_move_the_mean_by_a_fifth_and_little_of_them_by_less(double seconds, long tokens, double expected) =>
        new DevicePace(0.001, 0.01).After(new(7, 7000, 0, 0, 0), new(7 + seconds, 7000 + tokens, 0, 0, 0)).PromptToken.ShouldBe(expected, 1e-9);

    [Fact]
    public void Steps_of_answers_move_their_own_mean() => new DevicePace(0.001, 0.01).After(default, new(0, 0, 0.16, 8, 0)).ShouldBe(new DevicePace(0.001, 0.012));

    [Fact]
    public void A_device_that_rests_keeps_its_pace() => new DevicePace(0.001, 0.01).After(new(1, 2, 3, 4, 0), new(1, 2, 3, 4, 0)).ShouldBe(new DevicePace(0.001, 0.01));
}
