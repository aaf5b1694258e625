using System.Runtime.CompilerServices;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Splitwiser.Actors.Tests;

/// <summary>A grain with the key "silo/anything" lives on the silo of that name.</summary>
[Serializable, GenerateSerializer, Immutable, SuppressReferenceTracking]
public sealed class OnNamedSilo : PlacementStrategy;

[AttributeUsage(AttributeTargets.Class)]
public sealed class OnNamedSiloAttribute() : PlacementAttribute(new OnNamedSilo());

[GenerateSerializer, Alias("tests.NoSuchSiloException")]
public sealed class NoSuchSiloException(string name) : Exception($"No active silo is called {name}.")
{
    [Id(0)] public string Name { get; private set; } = name;
}

public sealed class NamedSiloDirector(IClusterMembershipService membership) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var name = target.GrainIdentity.Key.ToString()!.Split('/')[0];
        var active = context.GetCompatibleSilos(target);
        return Task.FromResult(active.FirstOrDefault(silo => membership.CurrentSnapshot.Members.TryGetValue(silo, out var member) && member.Name == name)
            ?? throw new NoSuchSiloException(name));
    }
}

[Alias("tests.IPinnedGrain")]
public interface IPinnedGrain : IGrainWithStringKey
{
    [Alias("Silo")]
    Task<string> Silo(CancellationToken token = default);

    /// <summary>The silo of a grain that prefers the caller's.</summary>
    [Alias("Neighbour")]
    Task<string> Neighbour(string key, CancellationToken token = default);

    [Alias("Hold")]
    Task<string> Hold(string name, CancellationToken token = default);

    /// <summary>Calls another pinned grain's Hold, and answers with the name of the exception that ended it, if one did.</summary>
    [Alias("HoldAt")]
    Task<string?> HoldAt(string key, string name, CancellationToken token = default);

    /// <summary>Reads another pinned grain's stream, and answers with the name of the exception that ended it, if one did.</summary>
    [Alias("ReadAt")]
    Task<string?> ReadAt(string key, string name, CancellationToken token = default);

    /// <summary>One item; the next when "name more" is signalled.</summary>
    [Alias("Signalled")]
    IAsyncEnumerable<int> Signalled(string name, CancellationToken token = default);
}

[OnNamedSilo, Immovable]
public sealed class PinnedGrain(ILocalSiloDetails silo) : Grain, IPinnedGrain
{
    public Task<string> Silo(CancellationToken token) => Task.FromResult(silo.Name);

    public Task<string> Neighbour(string key, CancellationToken token) => GrainFactory.GetGrain<ILocalGrain>(key).Silo(token);

    public async Task<string> Hold(string name, CancellationToken token)
    {
        Signals.Set($"{name} in");
        await Signals.Wait($"{name} go", token);
        return silo.Name;
    }

    public async Task<string?> HoldAt(string key, string name, CancellationToken token)
    {
        try
        {
            await GrainFactory.GetGrain<IPinnedGrain>(key).Hold(name, token);
            return null;
        }
        catch (Exception error) when (Lost.IsMeantBy(error))
        {
            return error.GetType().Name;
        }
    }

    public async Task<string?> ReadAt(string key, string name, CancellationToken token)
    {
        try
        {
            await foreach (var item in GrainFactory.GetGrain<IPinnedGrain>(key).Signalled(name, token).WithCancellation(token)) Signals.Set($"{name} read {item}");
            return null;
        }
        catch (Exception error) when (Lost.IsMeantBy(error))
        {
            return error.GetType().Name;
        }
    }

    public async IAsyncEnumerable<int> Signalled(string name, [EnumeratorCancellation] CancellationToken token)
    {
        yield return 0;
        await Signals.Wait($"{name} more", token);
        yield return 1;
    }
}

[Alias("tests.ILocalGrain")]
public interface ILocalGrain : IGrainWithStringKey
{
    [Alias("Silo")]
    Task<string> Silo(CancellationToken token = default);
}

[PreferLocalPlacement]
public sealed class LocalGrain(ILocalSiloDetails silo) : Grain, ILocalGrain
{
    public Task<string> Silo(CancellationToken token) => Task.FromResult(silo.Name);
}
