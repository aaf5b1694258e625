using Splitwiser.Models.Sampling;

namespace Splitwiser.Models.Tests.Sampling;

public sealed class LogitEditsTests
{
    private const float Never = float.NegativeInfinity;

    /// <summary>Prompt 0 1 1, output 2 2 3.</summary>
    private static readonly int[] Tokens = [0, 1, 1, 2, 2, 3];

    [Fact]
    public void The_repetition_penalty_counts_prompt_and_output_once() =>
        Edited([4, -4, 2, -2, 8], new SamplingParams { RepetitionPenalty = 2 }).ShouldBe([2, -8, 1, -4, 8]);

    [Fact]
    public void The_presence_penalty_counts_the_output_once() =>
        Edited([1, 1, 1, 1, 1], new SamplingParams { PresencePenalty = 0.5f }).ShouldBe([1, 1, 0.5f, 0.5f, 1]);

    [Fact]
    public void The_frequency_penalty_counts_every_time_in_the_output() =>
        Edited([1, 1, 1, 1, 1], new SamplingParams { FrequencyPenalty = 0.25f }).ShouldBe([1, 1, 0.5f, 0.75f, 1]);

    [Fact]
    public void Negative_penalties_encourage() =>
        Edited([1, 1, 1, 1, 1], new SamplingParams { PresencePenalty = -1, FrequencyPenalty = -1 }).ShouldBe([1, 1, 4, 3, 1]);

    [Fact]
    public void All_penalties_together_repetition_first() =>
        Edited([4, 4, 4, 4, 4], new SamplingParams { RepetitionPenalty = 2, PresencePenalty = 1, FrequencyPenalty = 0.5f }).ShouldBe([2, 2, 0, 0.5f, 4]);

    [Fact]
    public void Biases_are_added_before_the_penalties() =>
        Edited([1, 1, 1, 1, 1], new SamplingParams { LogitBias = [new(0, 3), new(4, -2)], RepetitionPenalty = 2 }).ShouldBe([2, 0.5f, 0.5f, 0.5f, -1]);

    [Fact]
    public void End_tokens_are_masked_until_min_tokens_are_out()
    {
        var p = new SamplingParams { EndTokenIds = [1, 4], MinTokens = 4 };      // three are out
        Edited([1, 1, 1, 1, 1], p).ShouldBe([1, Never, 1, 1, Never]);
        Edited([1, 1, 1, 1, 1], p with { MinTokens = 3 }).ShouldBe([1, 1, 1, 1, 1]);
    }

    [Fact]
    public void Ids_outside_the_vocabulary_are_passed_over()
    {
        var logits = new float[2];
        new LogitEdits(2).Apply(logits, new SamplingParams { LogitBias = [new(7, 1), new(-1, 1)], EndTokenIds = [9], MinTokens = 9, PresencePenalty = 1 }, [0, 5, 1, -3], 0);
        logits.ShouldBe([-1, -1]);
    }

    [Fact]
    public void Counts_do_not_leak_from_one_row_into_the_next()
    {
        var edits = new LogitEdits(5);
        edits.Apply(new float[5], new SamplingParams { FrequencyPenalty = 1 }, Tokens, 3);
        var logits = new float[5];
        edits.Apply(logits, new SamplingParams { FrequencyPenalty = 1 }, [4], 0);
        logits.ShouldBe([0, 0, 0, 0, -1]);
    }

    [Theory]
    [InlineData(float.NaN, 1f, 2f, 2)]
    [InlineData(float.PositiveInfinity, 1f, 2f, 0)]
    [InlineData(1f, float.PositiveInfinity, float.PositiveInfinity, 1)]
    [InlineData(float.NegativeInfinity, float.NaN, -5f, 2)]
    [InlineData(float.NaN, float.NaN, float.NaN, 0)]
    [InlineData(float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, 0)]
    public void Logits_that_are_no_numbers_never_win(float a, float b, float c, int expected)
    {
        Sampled([a, b, c], SamplingParams.Greedy).ShouldBe(expected);
        Sampled([a, b, c], new SamplingParams { TopK = 1 }).ShouldBe(expected);
    }

    [Fact]
    public void Without_any_candidate_the_lowest_id_that_is_not_forbidden_is_taken()
    {
        var p = SamplingParams.Greedy with { EndTokenIds = [0], MinTokens = 9, LogitBias = [new(1, Never)] };
        Sampled([5, 4, Never, Never], p).ShouldBe(2);
        Sampled([5, 4, Never, Never], p with { Temperature = 1 }).ShouldBe(2);
    }

    [Fact]
    public void When_every_token_is_forbidden_the_models_own_choice_stands() =>
        Sampled([4, 5, 3], SamplingParams.Greedy with { EndTokenIds = [0, 1, 2], MinTokens = 9 }).ShouldBe(1);

    private static float[] Edited(float[] logits, SamplingParams p)
    {
        new LogitEdits(logits.Length).Apply(logits, p, Tokens, 3);
        return logits;
    }

    private static int Sampled(float[] logits, SamplingParams p) => new Sampler(logits.Length).Sample(logits, p, [0], 1, [], out _).TokenId;
}
