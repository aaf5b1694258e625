using System.Collections.Immutable;
using Splitwiser.Gpu.Kv;

namespace Splitwiser.Grains;

/// <summary>An admitted request: checked, tokenized, every default resolved. The same on every device that it runs on.</summary>
internal sealed record RequestPlan
{
    public required string Model { get; init; }
    public required ImmutableArray<int> PromptIds { get; init; }

    /// <summary>Every value is set but <see cref="SamplingOptions.TopLogprobs"/>, which stays null for no logprobs.</summary>
    public required SamplingOptions Sampling { get; init; }

    /// <summary>Most output tokens, delivered ones included.</summary>
    public required int MaxTokens { get; init; }

    public required int MinTokens { get; init; }
    public required ImmutableArray<int> EndTokenIds { get; init; }
    public required ImmutableArray<string> StopStrings { get; init; }
    public required bool IncludeStopString { get; init; }
    public required bool SkipSpecialTokens { get; init; }
    public required OutputConstraint? Constraint { get; init; }

    /// <summary>Runs of tokens that must not be in the output.</summary>
    public ImmutableArray<ImmutableArray<int>> BadWords { get; init; } = [];

    public required string? CacheSalt { get; init; }
    public int Priority { get; init; }
    public Guid? Call { get; init; }

    /// <summary>A device that has just computed the prompt; null for none.</summary>
    public string? Beside { get; init; }

    /// <summary>Output ids that the caller holds.</summary>
    public required ImmutableArray<int> Delivered { get; init; }

    /// <summary>Most likely tokens to report for each position of the prompt; null for no logprobs of the prompt.</summary>
    public int? PromptLogprobs { get; init; }

    public long Seed => Sampling.Seed!.Value;

    /// <summary>The work for a device that goes on behind this output.</summary>
    public PrefillRequest Behind(ReadOnlySpan<int> output) => new()
    {
        Tokens = [.. PromptIds, .. output],
        OutputStart = PromptIds.Length,
        MaxTokens = MaxTokens,
        Sampling = Sampling,
        MinTokens = MinTokens,
        EndTokenIds = EndTokenIds,
        CacheSalt = CacheSalt,
        CacheOutput = StopStrings.IsEmpty,
        Constraint = Constraint,
        BadWords = BadWords,
        Priority = Priority,
        Call = Call,
        PromptLogprobs = output.IsEmpty ? PromptLogprobs : null,
    };

    /// <summary>What routing needs to know of it.</summary>
    public RoutedPrompt Routed(PrefillRequest request) => new()
    {
        Model = Model,
        Tokens = request.Tokens.Length,
        Pages = PageId.CountFor(request.Tokens.Length + 1),
        Blocks = PrefixHash.Of(request.Tokens.AsSpan(), CacheSalt),
        Beside = Beside,
    };
}
