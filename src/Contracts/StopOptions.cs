using System.Collections.Immutable;
using Orleans;

namespace Splitwiser;

/// <summary>When the answer ends.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.StopOptions")]
public sealed record StopOptions
{
    /// <summary>Most output tokens; null for as many as the context holds.</summary>
    [Id(0)] public int? MaxTokens { get; init; }

    /// <summary>Output tokens before which no end token is sampled.</summary>
    [Id(1)] public int MinTokens { get; init; }

    /// <summary>Strings that end the answer; they are cut from the text unless <see cref="IncludeStopString"/>.</summary>
    [Id(2)] public ImmutableArray<string> Strings { get; init; } = [];

    /// <summary>Token ids that end the answer, beside the model's EOS ids.</summary>
    [Id(3)] public ImmutableArray<int> TokenIds { get; init; } = [];

    /// <summary>EOS ids don't end the answer.</summary>
    [Id(4)] public bool IgnoreEos { get; init; }

    [Id(5)] public bool IncludeStopString { get; init; }
}
