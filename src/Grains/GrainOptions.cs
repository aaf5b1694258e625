namespace Splitwiser.Grains;

/// <summary>Periods, deadlines and bounds of the grains. A silo is found lost within 3 s: its requests go on elsewhere then.</summary>
public sealed record GrainOptions
{
    /// <summary>How often a silo reports its devices and takes the snapshot home.</summary>
    public TimeSpan HeartbeatPeriod { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A silo that has not reported for so long is left out of the snapshot.</summary>
    public TimeSpan DeviceExpiry { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a device may be silent, before it is asked for a sign of life.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the sign of life may take: without it the device is lost.</summary>
    public TimeSpan SignOfLife { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How long a living device may keep a sequence queued, before its prefill or when preempted.</summary>
    public TimeSpan QueueDeadline { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a living device may take for the next token of a decoding sequence.</summary>
    public TimeSpan StallDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a request that is done stays in memory, for a caller that is slow to fetch the end of its stream.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a request waits for a device to come up when there is none.</summary>
    public TimeSpan RouteDeadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a stopping silo waits for its devices and streams to run out.</summary>
    public TimeSpan DrainDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a device may take for its self-check.</summary>
    public TimeSpan CheckDeadline { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a device's refusal speaks for it: so long, others whom it would refuse are refused without asking it.</summary>
    public TimeSpan FullMemory { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How requests choose their device.</summary>
    public RoutingRule Routing { get; init; }

    /// <summary>Devices that a request may be sent to, before it is given up.</summary>
    public int MaxAttempts { get; init; } = 4;

    /// <exception cref="ArgumentOutOfRangeException">A value that nothing could run with.</exception>
    public GrainOptions Checked()
    {
        foreach (var (name, span) in new[]
        {
            (nameof(HeartbeatPeriod), HeartbeatPeriod), (nameof(DeviceExpiry), DeviceExpiry), (nameof(Silence), Silence),
            (nameof(SignOfLife), SignOfLife), (nameof(QueueDeadline), QueueDeadline), (nameof(StallDeadline), StallDeadline),
            (nameof(Linger), Linger), (nameof(RouteDeadline), RouteDeadline), (nameof(DrainDeadline), DrainDeadline), (nameof(CheckDeadline), CheckDeadline), (nameof(FullMemory), FullMemory),
        })
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(span, TimeSpan.Zero, name);
        if (!Enum.IsDefined(Routing)) throw new ArgumentOutOfRangeException(nameof(Routing), Routing, "No such rule.");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(DeviceExpiry, 2 * HeartbeatPeriod);
        return this;
    }
}
