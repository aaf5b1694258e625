namespace Orleans.Configuration;

public class SiloOptions { public string SiloName { get; set; } = ""; }

public class ClusterOptions
{
    public string ClusterId { get; set; } = "default";
    public string ServiceId { get; set; } = "default";
}

public abstract class MessagingOptions
{
    /// <summary>How long a call waits for its answer, and an unread stream for its reader.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a call that timed out has its token cancelled in the grain.</summary>
    public bool CancelRequestOnTimeout { get; set; }
}

public class SiloMessagingOptions : MessagingOptions;
public class ClientMessagingOptions : MessagingOptions;

/// <summary>When activations that nobody calls are ended.</summary>
public class GrainCollectionOptions
{
    /// <summary>Idle time after which an activation is ended; longer than <see cref="CollectionQuantum"/>.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often the silo looks.</summary>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>How the loss of a silo is noticed. In one process a killed silo's connections break at once, and its peers
/// declare it dead when <see cref="NumMissedProbesLimit"/> probes have failed, the first of them at that moment.</summary>
public class ClusterMembershipOptions
{
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);
    public int NumMissedProbesLimit { get; set; } = 3;

    /// <summary>Silos that must agree. In one process they all probe in step, so their votes always arrive together.</summary>
    public int NumVotesForDeathDeclaration { get; set; } = 2;
}
