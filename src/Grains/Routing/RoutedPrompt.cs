using System.Collections.Immutable;

namespace Splitwiser.Grains;

/// <summary>What routing knows of a prompt; never its tokens.</summary>
public sealed record RoutedPrompt
{
    public required string Model { get; init; }

    /// <summary>Tokens to prefill.</summary>
    public required int Tokens { get; init; }

    /// <summary>Pages that its prefill takes.</summary>
    public required int Pages { get; init; }

    /// <summary>Chained hashes of its full pages: see <see cref="Gpu.Kv.PrefixHash"/>.</summary>
    public ImmutableArray<ulong> Blocks { get; init; } = [];

    /// <summary>"silo/index" of the device that has just computed the same prompt: the directory may not know of its pages yet.</summary>
    public string? Beside { get; init; }

    /// <summary>"silo/index" of devices that this request was lost on or refused by.</summary>
    public ImmutableHashSet<string> Tried { get; init; } = [];

    /// <summary>"silo/index" of devices that other requests of this silo have just lost: they are tried when there is no other.</summary>
    public ImmutableHashSet<string> Doubted { get; init; } = [];

    /// <summary>Where to begin among equals: <see cref="DeviceView"/> counts it, so that they are taken in turn.</summary>
    public uint Draw { get; init; }
}
