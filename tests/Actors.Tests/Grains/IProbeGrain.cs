using Orleans.Concurrency;

namespace Splitwiser.Actors.Tests;

/// <summary>A grain that takes one call at a time.</summary>
[Alias("tests.IProbeGrain")]
public interface IProbeGrain : IGrainWithStringKey
{
    /// <summary>Which activation this is.</summary>
    [Alias("Incarnation")]
    Task<Guid> Incarnation(CancellationToken token = default);

    [Alias("Silo")]
    Task<string> Silo(CancellationToken token = default);

    /// <summary>Signals "name in", waits for "name go", signals "name cancelled" if its token ends that, and "name out".</summary>
    [Alias("Hold")]
    Task<string> Hold(string name, CancellationToken token = default);

    /// <summary>Reads, lets others run, then writes.</summary>
    [Alias("Add")]
    Task<int> Add(int number, CancellationToken token = default);

    [AlwaysInterleave, Alias("Peek")]
    Task<int> Peek(CancellationToken token = default);

    [Alias("Order")]
    Task<string> Order(string letter, CancellationToken token = default);

    /// <summary>What an async local of the caller is here.</summary>
    [Alias("Ambient")]
    ValueTask<string?> Ambient(CancellationToken token = default);

    [Alias("Nothing")]
    ValueTask Nothing(CancellationToken token = default);

    /// <summary>Waits for nothing that comes.</summary>
    [ResponseTimeout("00:00:01"), Alias("Hang")]
    Task Hang(string name, CancellationToken token = default);

    /// <summary>Holds in a grain that this one calls.</summary>
    [Alias("HoldThrough")]
    Task<string> HoldThrough(string key, string name, CancellationToken token = default);

    /// <summary>Calls another grain that calls this one.</summary>
    [Alias("Roundabout")]
    Task<Guid> Roundabout(string key, CancellationToken token = default);

    [Alias("Leave")]
    Task Leave(CancellationToken token = default);

    /// <summary>Leaves, and answers only after "name go".</summary>
    [Alias("LeaveSlowly")]
    Task<Guid> LeaveSlowly(string name, CancellationToken token = default);
}

/// <summary>A grain whose calls interleave.</summary>
[Alias("tests.IReentrantProbeGrain")]
public interface IReentrantProbeGrain : IGrainWithStringKey
{
    [Alias("Hold")]
    Task<string> Hold(string name, CancellationToken token = default);

    [Alias("Add")]
    Task<int> Add(int number, CancellationToken token = default);
}
