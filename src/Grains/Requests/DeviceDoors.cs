namespace Splitwiser.Grains;

/// <summary>The grains of one device.</summary>
internal sealed record DeviceDoors(string Device, IPrefillGrain Prefill, IDecodeGrain Decode, IKvCacheGrain Pages)
{
    public static DeviceDoors Of(string device, IGrainFactory grains) =>
        new(device, grains.GetGrain<IPrefillGrain>(device), grains.GetGrain<IDecodeGrain>(device), grains.GetGrain<IKvCacheGrain>(device));
}
