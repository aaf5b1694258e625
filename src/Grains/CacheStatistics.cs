using Orleans;

namespace Splitwiser.Grains;

/// <summary>The cache of one device.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.CacheStatistics")]
public sealed record CacheStatistics
{
    [Id(0)] public required PageAccounts Pages { get; init; }

    /// <summary>Of those leased or cached, the ones that a pin keeps.</summary>
    [Id(1)] public required int PinnedPages { get; init; }

    /// <summary>Pages of main memory behind the device's; none without.</summary>
    [Id(2)] public required int HostPages { get; init; }

    [Id(3)] public required int HostPagesUsed { get; init; }

    /// <summary>Prompt tokens looked up, those found, and those of them that were copied from main memory.</summary>
    [Id(4)] public required long QueryTokens { get; init; }

    [Id(5)] public required long HitTokens { get; init; }

    [Id(6)] public required long HostHitTokens { get; init; }

    /// <summary>Pages copied to main memory and from there.</summary>
    [Id(7)] public required long PagesCopiedOut { get; init; }

    [Id(8)] public required long PagesCopiedIn { get; init; }
}

/// <summary>A prefix that stays in a device's cache.</summary>
/// <param name="Number">Names it on that device.</param>
/// <param name="Tokens">Of its full pages; what is beyond them is not kept.</param>
[GenerateSerializer, Immutable, Alias("splitwiser.PinnedPrefix")]
public sealed record PinnedPrefix([property: Id(0)] long Number, [property: Id(1)] int Tokens, [property: Id(2)] int Pages);
