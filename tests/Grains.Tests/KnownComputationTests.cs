using Splitwiser.Models.Sampling;
using static Splitwiser.Grains.KnownComputation;

namespace Splitwiser.Grains.Tests;

public sealed class KnownComputationTests
{
    [Fact]
    public void Equal_answers_pass() => Flaw(Answer((7, -0.5f), (8, -1)), Answer((7, -0.5f), (8, -1))).ShouldBeNull();

    [Fact]
    public void Answers_that_differ_in_their_last_bits_pass() => Flaw(Answer((7, -0.51f)), Answer((7, -0.5f))).ShouldBeNull();

    [Fact]
    public void After_a_tie_nothing_is_comparable() =>
        Flaw([Token(8, -0.70f, -0.71f), Token(1, -9, -20)], [Token(7, -0.70f, -0.71f), Token(2, -1, -20)]).ShouldBeNull();

    [Theory]
    [InlineData(8, -0.5f, "Token 0 was 7, and 8 the second time.")]
    [InlineData(7, -0.9f, "Token 0 had the logprob -0.5, and -0.9 the second time.")]
    [InlineData(7, float.NaN, "Token 0 has a logprob that is no number.")]
    [InlineData(7, float.NegativeInfinity, "Token 0 has a logprob that is no number.")]
    public void Whatever_else_differs_is_a_flaw(int token, float logprob, string flaw) =>
        Flaw(Answer((token, logprob)), Answer((7, -0.5f))).ShouldBe(flaw);

    [Fact]
    public void An_answer_that_is_shorter_or_none_is_a_flaw()
    {
        Flaw(Answer((7, -0.5f)), Answer((7, -0.5f), (8, -1))).ShouldBe("It said 2 tokens, and 1 the second time.");
        Flaw([]).ShouldBe("It said nothing.");
    }

    private static CheckedToken[] Answer(params (int Token, float Logprob)[] tokens) => [.. tokens.Select(token => Token(token.Token, token.Logprob, -30))];

    private static CheckedToken Token(int token, float logprob, float second) => new(new(token, logprob), new(token + 100, second));
}
