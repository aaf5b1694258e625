namespace Splitwiser.Grains.Tests;

public sealed class RecentTokensTests
{
    [Fact]
    public void Tokens_of_ten_seconds_ago_count_by_half_and_new_ones_in_full() =>
        default(RecentTokens).After(TimeSpan.Zero, 1000).After(TimeSpan.FromSeconds(10), 80).Count.ShouldBe(580, 1e-9);

    [Fact]
    public void How_often_it_is_read_makes_no_difference()
    {
        var often = new RecentTokens(1000);
        for (var i = 0; i < 80; i++) often = often.After(TimeSpan.FromSeconds(0.25), 0);
        often.Count.ShouldBe(new RecentTokens(1000).After(TimeSpan.FromSeconds(20), 0).Count, 1e-9);
    }
}
