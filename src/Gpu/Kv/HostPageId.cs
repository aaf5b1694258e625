namespace Splitwiser.Gpu.Kv;

/// <summary>A page of main memory behind the pool: room for what one page of the device holds.</summary>
public readonly record struct HostPageId(int Value) : INumbered<HostPageId>
{
    static HostPageId INumbered<HostPageId>.Of(int value) => new(value);
}
