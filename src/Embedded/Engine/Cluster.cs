namespace Splitwiser.Embedded;

/// <summary>The silos of one cluster, and the directory of where each grain is.</summary>
internal sealed class Cluster
{
    private readonly ConcurrentDictionary<GrainId, Activation> directory = new();
    private readonly ConcurrentDictionary<SiloAddress, Silo> silos = new();
    public Membership Membership { get; } = new();
    public IEnumerable<Silo> Silos => silos.Values;
    public IEnumerable<Activation> ActivationsOf(Silo silo) => directory.Values.Where(activation => activation.Silo == silo);
    public void Add(Silo silo) => silos[silo.SiloAddress] = silo;

    /// <summary>Takes a silo out; its grains may be placed anew.</summary>
    public void Remove(Silo silo)
    {
        silos.TryRemove(silo.SiloAddress, out _);
        foreach (var activation in ActivationsOf(silo)) Forget(activation);
    }

    public void Forget(Activation activation) => directory.TryRemove(new(activation.GrainId, activation));

    /// <summary>Brings a call to its grain; places the grain from <paramref name="via"/> if it is nowhere.</summary>
    public void Route(Call call, Silo via)
    {
        if (!directory.TryGetValue(call.Target, out var activation)) _ = Place(call, via);
        else activation.Receive(call);
    }

    /// <summary>Routes a call that came to an activation which is gone.</summary>
    public void Forward(Call call, Silo via)
    {
        if (call.Hop()) Route(call, via);
        else call.Fail(new SiloUnavailableException($"{call.Target} finds no silo that stays."));
    }

    private async Task Place(Call call, Silo via)
    {
        try
        {
            var grain = GrainCatalog.Shared[call.Target.Type];
            var address = await via.Choose(grain, call.Target).ConfigureAwait(false); // the caller may be a grain, and this is not its code
            var activation = silos.TryGetValue(address, out var silo) ? directory.GetOrAdd(call.Target, static (id, at) => new(id, at.grain, at.silo), (grain, silo)) : null;
            if (activation is { Silo.IsDead: true }) Forget(activation); // it left while this placed there
            if (activation is null or { Silo.IsDead: true }) Forward(call, via);
            else activation.Receive(call);
        }
        catch (Exception error) { call.Fail(via.IsCut ? new SiloUnavailableException($"{via} is gone.") : Fault.Copy(error)); } // the edge of a director's code
    }
}
