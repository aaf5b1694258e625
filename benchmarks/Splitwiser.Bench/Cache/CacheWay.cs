namespace Splitwiser.Bench;

/// <summary>Where keys and values of earlier prompts are kept.</summary>
internal enum CacheWay
{
    /// <summary>Nowhere: every prompt is computed.</summary>
    None,

    /// <summary>In the device's pages.</summary>
    Device,

    /// <summary>There, and in main memory behind them.</summary>
    Host,
}
