using System.Collections.Immutable;

namespace Splitwiser.Grains.Tests;

public sealed class AdmissionTests
{
    private static readonly GenerateRequest Fine = new() { TokenIds = [1, 2, 3] };

    public static TheoryData<string, GenerateRequest> Refused => new()
    {
        { "temperature", Sampled(new() { Temperature = -0.1f }) },
        { "temperature", Sampled(new() { Temperature = 2.1f }) },
        { "temperature", Sampled(new() { Temperature = float.NaN }) },
        { "top_p", Sampled(new() { TopP = 0 }) },
        { "top_p", Sampled(new() { TopP = 1.01f }) },
        { "top_k", Sampled(new() { TopK = -2 }) },
        { "min_p", Sampled(new() { MinP = -0.01f }) },
        { "min_p", Sampled(new() { MinP = 1.01f }) },
        { "repetition_penalty", Sampled(new() { RepetitionPenalty = 0 }) },
        { "repetition_penalty", Sampled(new() { RepetitionPenalty = 2.1f }) },
        { "presence_penalty", Sampled(new() { PresencePenalty = -2.1f }) },
        { "frequency_penalty", Sampled(new() { FrequencyPenalty = 2.1f }) },
        { "top_logprobs", Sampled(new() { TopLogprobs = -1 }) },
        { "top_logprobs", Sampled(new() { TopLogprobs = 21 }) },
        { "logit_bias", Sampled(new() { LogitBias = [new(4096, 1)] }) },
        { "logit_bias", Sampled(new() { LogitBias = [new(1, 101)] }) },
        { "max_tokens", Stopped(new() { MaxTokens = 0 }) },
        { "min_tokens", Stopped(new() { MinTokens = -1 }) },
        { "min_tokens", Stopped(new() { MinTokens = 5, MaxTokens = 4 }) },
        { "stop", Stopped(new() { Strings = [""] }) },
        { "stop", Stopped(new() { Strings = [null!] }) },
        { "stop", Stopped(new() { Strings = [new('x', 1025)] }) },
        { "stop", Stopped(new() { Strings = ["half \uD83D"] }) },
        { "stop", Stopped(new() { Strings = ["\uDE00 half"] }) },
        { "stop", Stopped(new() { Strings = [.. Enumerable.Repeat("x", 65)] }) },
        { "stop_token_ids", Stopped(new() { TokenIds = [-1] }) },
        { "stop_token_ids", Stopped(new() { TokenIds = [4096] }) },
        { "prompt", new() },
        { "prompt", new() { TokenIds = [] } },
        { "prompt", new() { Text = "x", TokenIds = [1] } },
        { "prompt", new() { Text = "", AddSpecialTokens = false } },
        { "prompt", new() { TokenIds = [1, 4096] } },
        { "prompt", new() { TokenIds = [-1] } },
        { "delivered", Fine with { Delivered = [4096], Sampling = new() { Seed = 1 } } },
        { "delivered", Fine with { Delivered = [1, 2, 3], Sampling = new() { Seed = 1 }, Stop = new() { MaxTokens = 2 } } },
        { "seed", Fine with { Delivered = [1], Sampling = new() { Temperature = 0.5f } } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_field_out_of_range_is_refused_by_its_name(string parameter, GenerateRequest request)
    {
        var refused = Should.Throw<RequestRefusedException>(() => Admission.Admit(request, Plans.Demo));
        (refused.Reason, refused.Parameter).ShouldBe((RefusalReason.InvalidRequest, parameter));
    }

    public static TheoryData<GenerateRequest> Taken => new(
        Sampled(new() { Temperature = 0, TopP = 1, MinP = 0, RepetitionPenalty = 2, PresencePenalty = 2, FrequencyPenalty = -2, TopLogprobs = 0 }),
        Sampled(new() { Temperature = 2, TopP = 0.001f, MinP = 1, RepetitionPenalty = 0.001f, TopLogprobs = 20, TopK = -1, Seed = long.MinValue }),
        Sampled(new() { LogitBias = [new(4095, -100), new(0, 100)] }),
        Sampled(new() { LogitBias = default }),
        Stopped(new() { MaxTokens = 1, MinTokens = 1 }),
        Stopped(new() { Strings = [new('x', 1024), "😀"], TokenIds = [0, 4095] }),
        Stopped(new() { Strings = default, TokenIds = default }),
        Fine with { Delivered = default },
        Fine with { Delivered = [1], Sampling = new() { Temperature = 0 } },
        Fine with { Model = "demo" },
        new() { Text = "" });

    [Theory]
    [MemberData(nameof(Taken))]
    public void The_limits_themselves_are_within_range(GenerateRequest request) => Admission.Admit(request, Plans.Demo).PromptIds.ShouldNotBeEmpty();

    [Fact]
    public void Another_model_is_unknown() =>
        Refusal(Fine with { Model = "other" }).ShouldBe((RefusalReason.UnknownModel, "model"));

    [Fact]
    public void A_prompt_that_fills_the_context_leaves_no_room() =>
        Refusal(new() { TokenIds = Many(2048) }).ShouldBe((RefusalReason.ContextOverflow, "prompt"));

    [Fact]
    public void Prompt_and_max_tokens_must_fit_the_context_together()
    {
        Refusal(new() { TokenIds = Many(2000), Stop = new() { MaxTokens = 49 } }).ShouldBe((RefusalReason.ContextOverflow, "max_tokens"));
        Admission.Admit(new() { TokenIds = Many(2000), Stop = new() { MaxTokens = 48 } }, Plans.Demo).MaxTokens.ShouldBe(48);
        Admission.Admit(new() { TokenIds = Many(2000) }, Plans.Demo).MaxTokens.ShouldBe(48);
    }

    [Fact]
    public void A_model_without_a_tokenizer_takes_token_ids_alone()
    {
        var bare = Plans.Demo with { Tokenizer = null };
        Should.Throw<RequestRefusedException>(() => Admission.Admit(new() { Text = "x" }, bare)).Parameter.ShouldBe("prompt");
        Should.Throw<RequestRefusedException>(() => Admission.Admit(Stopped(new() { Strings = ["x"] }), bare)).Parameter.ShouldBe("stop");
        Admission.Admit(Fine, bare).PromptIds.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void What_is_left_open_comes_from_the_model_and_then_is_neutral()
    {
        var opinionated = Plans.Demo with { Defaults = Plans.Demo.Defaults with { Temperature = 0.6f, TopK = 20, TopP = 0.9f } };
        var ours = Admission.Admit(Fine with { Sampling = new() { TopP = 0.5f } }, opinionated).Sampling;
        (ours.Temperature, ours.TopK, ours.TopP, ours.MinP, ours.RepetitionPenalty).ShouldBe((0.6f, 20, 0.5f, 0, 1));
        var neutral = Admission.Admit(Fine, Plans.Demo).Sampling;
        (neutral.Temperature, neutral.TopK, neutral.TopP, neutral.MinP, neutral.RepetitionPenalty).ShouldBe((1, 0, 1, 0, 1));
        (neutral.PresencePenalty, neutral.FrequencyPenalty, neutral.TopLogprobs).ShouldBe((0, 0, null));
        Admission.Admit(Fine with { Sampling = new() { TopK = -1 } }, opinionated).Sampling.TopK.ShouldBe(0, "-1 asks for all tokens, it does not leave it open");
    }

    [Fact]
    public void A_missing_seed_is_drawn_and_a_given_one_is_kept()
    {
        Admission.Admit(Fine, Plans.Demo).Seed.ShouldNotBe(Admission.Admit(Fine, Plans.Demo).Seed);
        Admission.Admit(Sampled(new() { Seed = -5 }), Plans.Demo).Seed.ShouldBe(-5);
    }

    [Fact]
    public void End_tokens_are_the_models_and_the_requests_unless_eos_is_ignored()
    {
        Admission.Admit(Stopped(new() { TokenIds = [9, 0] }), Plans.Demo).EndTokenIds.ShouldBe([0, 9]);
        Admission.Admit(Stopped(new() { TokenIds = [9], IgnoreEos = true }), Plans.Demo).EndTokenIds.ShouldBe([9]);
    }

    [Fact]
    public void A_resumed_request_prefills_prompt_and_output_and_counts_from_where_output_began()
    {
        var work = Plans.Of(new() { MaxTokens = 10 }, null, 8, 9).Behind([8, 9]);
        work.Tokens.ShouldBe([5, 6, 7, 8, 9]);
        (work.OutputStart, work.MaxTokens).ShouldBe((3, 10));
    }

    private static GenerateRequest Sampled(SamplingOptions sampling) => Fine with { Sampling = sampling };

    private static GenerateRequest Stopped(StopOptions stop) => Fine with { Stop = stop };

    private static ImmutableArray<int> Many(int count) => [.. Enumerable.Repeat(7, count)];

    private static (RefusalReason Reason, string? Parameter) Refusal(GenerateRequest request)
    {
        var refused = Should.Throw<RequestRefusedException>(() => Admission.Admit(request, Plans.Demo));
        return (refused.Reason, refused.Parameter);
    }
}
