using Splitwiser.Models.Sampling;

namespace Splitwiser.Models.Tests.Sampling;

public sealed class LogprobsTests
{
    private static readonly float[] OneToFour = [MathF.Log(1), MathF.Log(2), MathF.Log(3), MathF.Log(4)];

    [Fact]
    public void Logprobs_are_the_models_own_before_any_parameter()
    {
        var top = new TokenLogprob[3];
        var p = new SamplingParams { Temperature = 0, TopK = 1, LogitBias = [new(0, 100)], RepetitionPenalty = 3, TopLogprobs = 3 };
        var sampled = new Sampler(4).Sample(OneToFour, p, [3], 0, top, out var count);
        sampled.TokenId.ShouldBe(0);
        sampled.Logprob.ShouldBe(MathF.Log(0.1f), 1e-6f);
        count.ShouldBe(3);
        top.Select(entry => entry.TokenId).ShouldBe([3, 2, 1]);
        top[0].Logprob.ShouldBe(MathF.Log(0.4f), 1e-6f);
        top[1].Logprob.ShouldBe(MathF.Log(0.3f), 1e-6f);
        top[2].Logprob.ShouldBe(MathF.Log(0.2f), 1e-6f);
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    [InlineData(9, 4)]
    public void As_many_are_reported_as_were_asked_for_and_there_are(int? wanted, int expected)
    {
        var sampled = new Sampler(4).Sample(OneToFour, SamplingParams.Greedy with { TopLogprobs = wanted }, [0], 1, new TokenLogprob[9], out var count);
        count.ShouldBe(expected);
        sampled.Logprob.ShouldBe(wanted is null ? 0 : MathF.Log(0.4f), 1e-6f);
    }

    [Fact]
    public void Equals_are_reported_in_order_of_their_ids()
    {
        var top = new TokenLogprob[5];
        var logits = new float[100];
        (logits[60], logits[61]) = (1, 1);
        new Sampler(100).Sample(logits, SamplingParams.Greedy with { TopLogprobs = 5 }, [0], 1, top, out _);
        top.Select(entry => entry.TokenId).ShouldBe([60, 61, 0, 1, 2]);
    }

    [Fact]
    public void The_most_likely_are_those_of_a_sort()
    {
        var random = new Random(11);
        for (var round = 0; round < 100; round++)
        {
            var logits = Enumerable.Range(0, random.Next(1, 400)).Select(_ => (float)random.Next(50)).ToArray();
            var top = new TokenLogprob[Math.Min(20, logits.Length)];
            new Sampler(logits.Length).Sample(logits, SamplingParams.Greedy with { TopLogprobs = 20 }, [0], 1, top, out var count);
            count.ShouldBe(top.Length);
            var sorted = logits.Index().OrderByDescending(entry => entry.Item).ThenBy(entry => entry.Index).Take(top.Length);
            top.Select(entry => entry.TokenId).ShouldBe(sorted.Select(entry => entry.Index));
            var sum = logits.Sum(logit => Math.Exp(logit));
            foreach (var (token, logprob) in top) logprob.ShouldBe((float)Math.Log(Math.Exp(logits[token]) / sum), 1e-5f);
        }
    }

    [Fact]
    public void No_logprob_is_ever_NaN()
    {
        float[][] rows =
        [
            [float.NaN, 1, 2], [float.PositiveInfinity, 1, float.NegativeInfinity], [float.NaN, float.NaN, float.NaN],
            [float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity], [float.MaxValue, float.MinValue, 0],
        ];
        foreach (var row in rows)
        {
            var top = new TokenLogprob[3];
            var sampled = new Sampler(3).Sample(row, new SamplingParams { TopLogprobs = 3 }, [0], 1, top, out var count);
            float.IsNaN(sampled.Logprob).ShouldBeFalse();
            foreach (var entry in top[..count]) float.IsFinite(entry.Logprob).ShouldBeTrue();
        }
    }
}
