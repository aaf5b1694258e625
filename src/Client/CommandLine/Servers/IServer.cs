using System.Collections.Immutable;
using Microsoft.Extensions.AI;
using Splitwiser.Client.Http;

namespace Splitwiser.Client.CommandLine.Servers;

/// <summary>A running silo or cluster, as the commands see it.</summary>
internal interface IServer : IAsyncDisposable
{
    /// <summary>For people.</summary>
    string Address { get; }

    /// <summary>The pieces of one answer; the last one carries its end.</summary>
    IAsyncEnumerable<TextPiece> Generate(GenerateRequest request, CancellationToken ct);

    /// <param name="model">Null for the one that is served.</param>
    IChatClient Chat(string? model);

    Task<ImmutableArray<ModelCard>> Models(CancellationToken ct);

    Task<ImmutableArray<DeviceCard>> Devices(CancellationToken ct);
}
