using System.CommandLine;
using Splitwiser.Client.CommandLine.Servers;

namespace Splitwiser.Client.CommandLine;

/// <summary>The way to a cluster over Orleans: an embedded silo is another process and has none.</summary>
internal sealed class ClusterRoute
{
    public IReadOnlyList<Option> Options => [];

    /// <summary>Said before an answer that goes over HTTP.</summary>
    public string HttpNotice => "Built with the embedded actor engine, whose silos can't be reached from another process over Orleans: asking {0} over HTTP.";

    /// <summary>Null: HTTP it is.</summary>
    public Task<ClusterServer?> Connect(ParseResult parsed, CancellationToken ct) => Task.FromResult<ClusterServer?>(null);

    /// <summary>Null: no cluster of processes can be reached.</summary>
    public static Task<ClusterServer?> Connect(ClusterPlace place, CancellationToken ct) => Task.FromResult<ClusterServer?>(null);
}
