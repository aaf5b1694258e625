namespace Splitwiser.Grains.Tests;

public sealed class DevicePaceTests
{
    private static readonly DeviceWork Warm = new(7, 7000, 0, 0, 0);

    private static DevicePace Known => default(DevicePace).After(Warm, Warm with { PromptSeconds = 9.56, PromptTokens = 9560, AnswerSeconds = 0.4, AnswerSteps = 40 });

    [Fact]
    public void A_pace_is_known_once_enough_was_computed()
    {
        var little = default(DevicePace).After(Warm, Warm with { PromptSeconds = 7.2, PromptTokens = 7200, AnswerSeconds = 0.04, AnswerSteps = 4 });
        (little.PromptToken, little.Step).ShouldBe((0, 0));
        var enough = little.After(Warm, Warm with { PromptSeconds = 7.8, PromptTokens = 7800, AnswerSeconds = 0.08, AnswerSteps = 4 });
        enough.PromptToken.ShouldBe(0.001, 1e-9, "1,000 tokens in a second, however they were read");
        enough.Step.ShouldBe(0.015, 1e-9);
    }

    [Fact]
    public void What_a_device_computes_first_says_nothing_of_its_pace() =>
        default(DevicePace).After(default, new(60, 6000, 3, 10, 0)).ShouldBe(default);

    [Theory]
    [InlineData(1.024, 512, 3.584 / 3072)]
    [InlineData(0.512, 256, 3.072 / 2816)]
    [InlineData(4.096, 2048, 6.656 / 4608)]
    public void News_move_the_mean_by_their_share_of_the_latest_tokens(double seconds, long tokens, double expected) =>
        Known.After(Warm, Warm with { PromptSeconds = 7 + seconds, PromptTokens = 7000 + tokens }).PromptToken.ShouldBe(expected, 1e-9);

    [Fact]
    public void A_slow_step_of_few_tokens_hardly_moves_it() =>
        Known.After(Warm, Warm with { PromptSeconds = 7.1, PromptTokens = 7010 }).PromptToken.ShouldBe(0.001, 0.00005);

    [Fact]
    public void Steps_of_answers_move_their_own_mean()
    {
        var after = Known.After(Warm, Warm with { AnswerSeconds = 0.8, AnswerSteps = 40 });
        after.Step.ShouldBe(0.015, 1e-9);
        after.PromptToken.ShouldBe(0.001, 1e-9);
    }

    [Fact]
    public void A_device_that_rests_keeps_its_pace() => Known.After(Warm, Warm).ShouldBe(Known);
}
