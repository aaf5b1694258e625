using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Splitwiser.Silo.Page;

/// <summary>What GET /api/live tells: the state of now, and counters from which the page works out what happened since it last asked.</summary>
internal sealed record LiveState
{
    /// <summary>Differs from process to process: counters of two can't be compared.</summary>
    public required Guid Started { get; init; }

    /// <summary>Seconds since then.</summary>
    public required double At { get; init; }

    public required bool Draining { get; init; }
    public required string Model { get; init; }

    /// <summary>Why chats are refused; null when they aren't.</summary>
    public required string? ChatProblem { get; init; }

    public required ImmutableArray<LiveDevice> Devices { get; init; }
    public required int Running { get; init; }
    public required int Waiting { get; init; }
    public required LivePages Pages { get; init; }
    public required int PageTokens { get; init; }

    /// <summary>Device time, by phase, of all devices together.</summary>
    public required LivePhases PhaseSeconds { get; init; }

    /// <summary>Multiprocessors that the last step of each phase had, on the device that has most; 0 where none has any to count.</summary>
    public required LiveProcessors Processors { get; init; }

    public required long Generated { get; init; }
    public required long PrefixQueries { get; init; }
    public required long PrefixHits { get; init; }
    public required long Handoffs { get; init; }
    public required long CopiedBytes { get; init; }

    /// <summary>Seconds to the first token.</summary>
    public required LiveHistogram Ttft { get; init; }

    /// <summary>Seconds between two tokens of a request.</summary>
    public required LiveHistogram Itl { get; init; }

    /// <summary>Oldest first.</summary>
    public required ImmutableArray<LiveRequest> Requests { get; init; }
}

internal sealed record LiveDevice(string Device, string Hardware, string Mode, bool Open);

/// <param name="HostUsed">Pages of main memory that hold a copy, of <paramref name="HostTotal"/>.</param>
internal sealed record LivePages(int Free, int Leased, int Cached, int Total, int Pinned, int HostUsed, int HostTotal);

internal sealed record LivePhases(double Prefill, double Decode, double Mixed);

internal sealed record LiveProcessors(int Prefill, int Decode, int Mixed);

/// <param name="Bounds">Upper bounds of the buckets.</param>
/// <param name="Counts">(Bounds + 1) values of each bucket alone; the last is above all bounds.</param>
internal sealed record LiveHistogram(ImmutableArray<double> Bounds, ImmutableArray<long> Counts);

/// <param name="Phase">"prefill" until the first token, waiting included; then "decode".</param>
/// <param name="Age">Seconds.</param>
internal sealed record LiveRequest(string Id, string Phase, string? Device, int? PromptTokens, int OutputTokens, double Age);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LiveState))]
internal sealed partial class PageJson : JsonSerializerContext;
