using Splitwiser.Models.Sampling;

namespace Splitwiser.Models.Tests.Sampling;

/// <summary>Each step of sampling by numbers that can be checked by hand: logits are logarithms of the weights wanted.</summary>
public sealed class SamplerTests
{
    private const int Draws = 20_000;

    /// <summary>Weights 1, 2, 3, 4 of ten: tokens 0 to 3.</summary>
    private static readonly float[] OneToFour = Logs(1, 2, 3, 4);

    [Fact]
    public void Tokens_come_as_often_as_their_probabilities() =>
        ShouldBeDrawnAs(OneToFour, new SamplingParams(), [0.1, 0.2, 0.3, 0.4]);

    [Fact]
    public void Half_the_temperature_squares_the_weights() =>
        ShouldBeDrawnAs(OneToFour, new SamplingParams { Temperature = 0.5f }, [1 / 30.0, 4 / 30.0, 9 / 30.0, 16 / 30.0]);

    [Fact]
    public void Double_the_temperature_takes_their_roots() =>
        ShouldBeDrawnAs(Logs(1, 4, 9, 16), new SamplingParams { Temperature = 2 }, [0.1, 0.2, 0.3, 0.4]);

    [Fact]
    public void A_wide_vocabulary_is_drawn_evenly_in_blocks()
    {
        var sampler = new Sampler(4000);
        var counts = new int[40];
        for (var position = 1; position <= Draws; position++)
            counts[sampler.Sample(new float[4000], new SamplingParams { Seed = 5 }, new int[position], position, [], out _).TokenId / 100]++;
        counts.Sum(count => Math.Pow(count - 500, 2) / 500).ShouldBeLessThan(72);        // chi-square, 39 degrees of freedom, 0.1 %
    }

    [Fact]
    public void Temperature_0_takes_the_most_likely_and_of_equals_the_lowest_id()
    {
        Greedy(Logs(1, 7, 7, 2)).ShouldBe(1);
        Greedy([3]).ShouldBe(0);
        Greedy(Enumerable.Range(0, 100).Select(i => i == 37 || i == 80 ? 2f : 1f).ToArray()).ShouldBe(37);
    }

    [Theory]
    [InlineData(1, new[] { 3 })]
    [InlineData(2, new[] { 2, 3 })]
    [InlineData(3, new[] { 1, 2, 3 })]
    [InlineData(4, new[] { 0, 1, 2, 3 })]
    [InlineData(100, new[] { 0, 1, 2, 3 })]
    public void Top_k_keeps_the_k_most_likely(int k, int[] kept) => Support(OneToFour, new SamplingParams { TopK = k }).ShouldBe(kept);

    [Theory]
    [InlineData(0f, new[] { 3 })]
    [InlineData(0.39f, new[] { 3 })]
    [InlineData(0.41f, new[] { 2, 3 })]
    [InlineData(0.69f, new[] { 2, 3 })]
    [InlineData(0.71f, new[] { 1, 2, 3 })]
    [InlineData(0.89f, new[] { 1, 2, 3 })]
    [InlineData(0.91f, new[] { 0, 1, 2, 3 })]
    [InlineData(1f, new[] { 0, 1, 2, 3 })]
    public void Top_p_keeps_the_fewest_that_reach_the_sum(float p, int[] kept) => Support(OneToFour, new SamplingParams { TopP = p }).ShouldBe(kept);

    [Theory]
    [InlineData(0.2f, new[] { 0, 1, 2, 3 })]
    [InlineData(0.3f, new[] { 1, 2, 3 })]
    [InlineData(0.6f, new[] { 2, 3 })]
    [InlineData(1f, new[] { 3 })]
    [InlineData(2f, new[] { 3 })]
    public void Min_p_drops_what_is_less_likely_than_its_share_of_the_most_likely(float p, int[] kept) =>
        Support(OneToFour, new SamplingParams { MinP = p }).ShouldBe(kept);

    [Fact]
    public void Top_p_counts_within_top_k()
    {
        // Of the two most likely, 3 and 4, the first holds 4/7 = 0.571.
        Support(OneToFour, new SamplingParams { TopK = 2, TopP = 0.56f }).ShouldBe([3]);
        Support(OneToFour, new SamplingParams { TopK = 2, TopP = 0.58f }).ShouldBe([2, 3]);
    }

    [Fact]
    public void Filters_count_after_the_temperature() =>
        Support(OneToFour, new SamplingParams { Temperature = 0.5f, TopP = 0.5f }).ShouldBe([3]);      // 16/30

    [Fact]
    public void Filters_keep_the_lowest_ids_of_equals()
    {
        Support(new float[40], new SamplingParams { TopK = 5 }).ShouldBe([0, 1, 2, 3, 4]);
        Support(new float[40], new SamplingParams { TopP = 0.24f }).ShouldBe(Enumerable.Range(0, 10));
    }

    [Fact]
    public void What_filters_keep_is_drawn_in_proportion() =>
        ShouldBeDrawnAs(OneToFour, new SamplingParams { TopK = 3, MinP = 0.3f }, [0, 2 / 9.0, 3 / 9.0, 4 / 9.0]);

    [Fact]
    public void Filters_of_a_wide_vocabulary_are_those_of_a_sort()
    {
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            var logits = Enumerable.Range(0, random.Next(2, 700)).Select(_ => (float)(random.NextDouble() * 12)).ToArray();
            var p = new SamplingParams { TopK = random.Next(1, logits.Length + 10), TopP = 0.05f + random.NextSingle() * 0.95f, MinP = random.NextSingle() * 0.01f };
            var kept = KeptBySort(logits, p);
            for (var seed = 0UL; seed < 40; seed++)
                kept.ShouldContain(new Sampler(logits.Length).Sample(logits, p with { Seed = seed }, [0], 1, [], out _).TokenId);
        }
    }

    [Fact]
    public void The_same_seed_and_position_give_the_same_token_and_others_differ()
    {
        var logits = new float[1000];
        int Token(ulong seed, int position) => new Sampler(1000).Sample(logits, new SamplingParams { Seed = seed }, new int[position], 0, [], out _).TokenId;
        Token(9, 4).ShouldBe(Token(9, 4));
        new HashSet<int> { Token(9, 4), Token(9, 5), Token(10, 4), Token(9, 6), Token(11, 4) }.Count.ShouldBeGreaterThan(3);
        Token(9, 4).ShouldBe((int)(Philox.Uniform(9, 4) * 1000));        // equal weights: the uniform number itself
    }

    [Fact]
    public void Sampling_allocates_nothing()
    {
        var (sampler, top) = (new Sampler(5000), new TokenLogprob[5]);
        var logits = Enumerable.Range(0, 5000).Select(i => MathF.Sin(i)).ToArray();
        var p = new SamplingParams { TopK = 50, TopP = 0.9f, MinP = 0.01f, RepetitionPenalty = 1.1f, PresencePenalty = 1, TopLogprobs = 5, EndTokenIds = [1], MinTokens = 9, LogitBias = [new(4, 1)] };
        int[] tokens = [1, 2, 3];
        sampler.Sample(logits, p, tokens, 1, top, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++) sampler.Sample(logits, p, tokens, 1, top, out _);
        GC.GetAllocatedBytesForCurrentThread().ShouldBe(before);
    }

    private static float[] Logs(params float[] weights) => [.. weights.Select(weight => MathF.Log(weight))];

    private static int Greedy(float[] logits) => new Sampler(logits.Length).Sample(logits, SamplingParams.Greedy, [0], 1, [], out _).TokenId;

    private static int[] Counts(float[] logits, SamplingParams p)
    {
        var (sampler, tokens, counts) = (new Sampler(logits.Length), new int[Draws], new int[logits.Length]);
        for (var position = 1; position <= Draws; position++)
            counts[sampler.Sample(logits, p with { Seed = 1234 }, tokens.AsSpan(0, position), position, [], out _).TokenId]++;
        return counts;
    }

    private static IEnumerable<int> Support(float[] logits, SamplingParams p) =>
        Counts(logits, p).Index().Where(entry => entry.Item > 0).Select(entry => entry.Index);

    private static void ShouldBeDrawnAs(float[] logits, SamplingParams p, double[] probabilities)
    {
        var counts = Counts(logits, p);
        var chiSquare = 0.0;
        for (var token = 0; token < logits.Length; token++)
        {
            if (probabilities[token] == 0) counts[token].ShouldBe(0);
            else chiSquare += Math.Pow(counts[token] - Draws * probabilities[token], 2) / (Draws * probabilities[token]);
        }
        chiSquare.ShouldBeLessThan(16.3);       // 3 degrees of freedom, 0.1 %
    }

    /// <summary>The plain way: sort all, cut.</summary>
    private static HashSet<int> KeptBySort(float[] logits, SamplingParams p)
    {
        var maximum = logits.Max();
        var sorted = logits.Select((logit, token) => (Weight: Math.Exp(logit - maximum), token)).OrderByDescending(entry => entry.Weight).ThenBy(entry => entry.token).Take(p.TopK!.Value).ToArray();
        var (target, sum, kept) = (sorted.Sum(entry => entry.Weight) * p.TopP, 0.0, new HashSet<int>());
        foreach (var (weight, token) in sorted)
        {
            if (weight >= p.MinP * 0.9999) kept.Add(token);
            if ((sum += weight) >= target * 1.0001) break;
        }
        return kept;
    }
}
