namespace Splitwiser.Client.Tests;

public sealed class AnswerClockTests
{
    [Fact]
    public void Times_are_those_of_pieces_with_tokens()
    {
        var time = new ManualTime();
        var clock = new AnswerClock(time);
        clock.FirstToken.ShouldBeNull();
        clock.TokensPerSecond.ShouldBeNull();
        After(100, 0);
        After(100, 2); // first tokens at 200 ms
        After(10, 1);
        After(30, 3);
        After(60, 4);
        After(500, 0); // the usage
        clock.Tokens.ShouldBe(10);
        clock.FirstToken.ShouldBe(TimeSpan.FromMilliseconds(200));
        clock.Total.ShouldBe(TimeSpan.FromMilliseconds(300));
        clock.MedianGap.ShouldBe(TimeSpan.FromMilliseconds(30));
        clock.TokensPerSecond.ShouldNotBeNull().ShouldBe(80, 1e-9); // 8 tokens in 100 ms

        void After(int milliseconds, int tokens)
        {
            time.Advance(TimeSpan.FromMilliseconds(milliseconds));
            clock.Saw(tokens);
        }
    }
}
