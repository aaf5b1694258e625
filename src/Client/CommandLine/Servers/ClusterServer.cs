using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Hosting;
using Splitwiser.Client.AI;
using Splitwiser.Client.Http;

namespace Splitwiser.Client.CommandLine.Servers;

/// <summary>A cluster over Orleans.</summary>
/// <param name="host">Of the cluster's client; stopped with this.</param>
internal sealed class ClusterServer(IHost host, IGrainFactory grains, string address) : IServer
{
    private readonly SplitwiserClient client = new(grains);

    public string Address => address;

    public IGrainFactory Grains => grains;

    public async IAsyncEnumerable<TextPiece> Generate(GenerateRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var chunk in client.GenerateAsync(request, ct))
        {
            var end = chunk.End is { } last ? new AnswerEnd(last.Reason.ToString().ToLowerInvariant(), last.Usage) : null;
            yield return new(chunk.Text, chunk.Ids.Length, end);
        }
    }

    public IChatClient Chat(string? model) => new OrleansChatClient(grains, client, model);

    public async Task<ImmutableArray<ModelCard>> Models(CancellationToken ct) =>
        [.. (await Devices(ct)).GroupBy(device => device.Model).Select(model => new ModelCard(model.Key, model.Min(device => device.MaxModelLen)))];

    public async Task<ImmutableArray<DeviceCard>> Devices(CancellationToken ct) =>
        [.. (await grains.GetGrain<IDeviceDirectoryGrain>(0).Snapshot(ct)).Devices.Select(DeviceCard.Of)];

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }
}
