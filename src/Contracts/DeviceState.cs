namespace Splitwiser;

/// <summary>Where a device is in its life.</summary>
public enum DeviceState
{
    /// <summary>It takes requests.</summary>
    Open,

    /// <summary>Its memory is being filled, or it is being checked.</summary>
    Opening,

    /// <summary>What runs may end; it takes nothing new.</summary>
    Draining,

    /// <summary>It has drained: its memory is given back, and it can be opened again.</summary>
    Closed,

    /// <summary>It failed, or did not compute what it must. It can be opened again.</summary>
    Failed,
}
