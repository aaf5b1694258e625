using System.Runtime.CompilerServices;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Splitwiser.Grains;

/// <summary>The token phase's door.</summary>
// Reentrant: it holds no state of its own; each stream has its reader, and the worker sees to it that a sequence has one.
[OnDevice, Immovable, Reentrant]
internal sealed class DecodeGrain(LocalDevices devices, ILocalSiloDetails silo, OpenStreams streams) : DeviceGrain(devices, silo), IDecodeGrain
{
    public async IAsyncEnumerable<DecodedTokens> Decode(LeaseRef lease, int fromIndex, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var open = streams.Enter();
        using var reader = Ask(worker => worker.Attach(lease.ToDevice(), fromIndex));
        var next = fromIndex;
        do
        {
            await AskAsync(_ => reader.WaitToReadAsync(cancellationToken));
            yield return reader.TakeReady(ref next); // in one message
        }
        while (reader.End is null);
    }

    public Task Stop(LeaseRef lease, int atIndex, CancellationToken cancellationToken) => Ask(worker =>
    {
        worker.Stop(lease.ToDevice(), atIndex);
        return Task.CompletedTask;
    });
}
