using System.Runtime.CompilerServices;
using Orleans.Concurrency;
using Orleans.Placement;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Grains;

/// <summary>The token phase's door.</summary>
// Reentrant: a feed lasts as long as the device. What it knows are the feeds; the worker sees to it that a sequence has one reader.
[OnDevice, Immovable, Reentrant]
internal sealed class DecodeGrain(LocalDevices devices, ILocalSiloDetails silo, OpenStreams streams) : DeviceGrain(devices, silo), IDecodeGrain
{
    private readonly Dictionary<Guid, TokenFeed> feeds = [];

    public async IAsyncEnumerable<StepTokens> Feed(Guid consumer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var feed = Ask(worker => worker.OpenFeed());
        feeds.Add(consumer, feed);
        try
        {
            yield return new([]);
            while (await AskAsync(_ => feed.WaitToReadAsync(cancellationToken)))
            {
                using var open = streams.EnterItem(); // until it is on its way: the consumer asks for more
                yield return feed.TakeReady(Device);
            }
        }
        finally
        {
            feeds.Remove(consumer);
        }
    }

    public Task Attach(Guid consumer, LeaseRef lease, int fromIndex, CancellationToken cancellationToken) => Ask(worker =>
    {
        if (!feeds.TryGetValue(consumer, out var feed)) throw new DeviceGoneException(Device, "its feed was cut.");
        worker.Attach(lease.ToDevice(), fromIndex, feed);
        return Task.CompletedTask;
    });

    public Task Stop(LeaseRef lease, int atIndex, CancellationToken cancellationToken) => Ask(worker =>
    {
        worker.Stop(lease.ToDevice(), atIndex);
        return Task.CompletedTask;
    });
}
