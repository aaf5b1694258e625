namespace Splitwiser.Grains;

/// <summary>What makes a device the right one for a prompt, among those that are in no doubt and have room.</summary>
public enum RoutingRule
{
    /// <summary>The fewest tokens to compute before the prompt's first: it follows its cached prefix, until the queue there is longer than the prefix saves.</summary>
    KvAware,

    /// <summary>The least work, whatever is cached.</summary>
    LeastLoaded,

    /// <summary>Each in its turn.</summary>
    RoundRobin,
}
