using System.Collections.Immutable;
using Splitwiser.Gpu.Kv;

namespace Splitwiser.Grains;

/// <summary>What routing knows of a prompt; never its tokens.</summary>
public sealed record RoutedPrompt
{
    public required string Model { get; init; }

    /// <summary>Tokens to prefill.</summary>
    public required int Tokens { get; init; }

    /// <summary>Pages that its prefill takes.</summary>
    public required int Pages { get; init; }

    /// <summary>Chained hashes of its full pages: see <see cref="PrefixHash"/>.</summary>
    public ImmutableArray<ulong> Blocks { get; init; } = [];

    /// <summary>"silo/index" of the device that has just computed the same prompt: the directory may not know of its pages yet.</summary>
    public string? Beside { get; init; }

    /// <summary>"silo/index" of devices that this request was lost on or refused by.</summary>
    public ImmutableHashSet<string> Tried { get; init; } = [];

    /// <summary>"silo/index" of devices that other requests of this silo have just lost: they are tried when there is no other.</summary>
    public ImmutableHashSet<string> Doubted { get; init; } = [];

    /// <summary>Where to begin among equals: <see cref="DeviceView"/> counts it, so that they are taken in turn.</summary>
    public uint Draw { get; init; }

    /// <summary>Whether a device would serve it at all.</summary>
    internal bool CanGoTo(DeviceReport report) => report.Open && report.Model == Model && !Tried.Contains(report.Device);

    /// <summary>Its tokens that a device would have to compute.</summary>
    internal int UncachedOn(DeviceReport report)
    {
        var blocks = report.Device == Beside ? Blocks.Length : 0;
        while (blocks < Blocks.Length && report.CachedPrefixes.AsSpan().BinarySearch(Blocks[blocks]) >= 0)
            blocks++;
        return Math.Max(0, Tokens - (blocks * PageId.Size));
    }
}
