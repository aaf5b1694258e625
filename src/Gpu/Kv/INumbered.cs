namespace Splitwiser.Gpu.Kv;

/// <summary>An id that is a small number, so that arrays are indexed by it.</summary>
internal interface INumbered<TSelf> where TSelf : struct, INumbered<TSelf>
{
    int Value { get; }

    static abstract TSelf Of(int value);
}
