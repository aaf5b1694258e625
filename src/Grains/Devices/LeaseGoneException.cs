namespace Splitwiser.Grains;

/// <summary>The device lives, but the lease does not: its pages are back in the pool.</summary>
[GenerateSerializer, Alias("splitwiser.LeaseGoneException")]
public sealed class LeaseGoneException : Exception
{
    public LeaseGoneException(LeaseLoss loss, string message) : base(message) => Loss = loss;

    [Id(0)] public LeaseLoss Loss { get; private set; }
}

/// <summary>Where a lease went.</summary>
public enum LeaseLoss
{
    /// <summary>Nobody read its output for too long.</summary>
    Expired,

    /// <summary>Another reader attached.</summary>
    Superseded,

    /// <summary>It was released while its output was read.</summary>
    Released,

    /// <summary>No token continued its output in the format that was asked for.</summary>
    Stuck,

    /// <summary>The device does not know it: of an earlier incarnation, or finished long ago.</summary>
    Unknown,
}
