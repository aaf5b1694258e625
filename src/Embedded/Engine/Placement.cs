using Orleans.Runtime.Placement;

namespace Splitwiser.Embedded;

internal sealed class RandomDirector : IPlacementDirector
{
    public static SiloAddress Any(PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        return silos[Random.Shared.Next(silos.Length)];
    }

    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        Task.FromResult(Any(target, context));
}

internal sealed class PreferLocalDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        Task.FromResult(context.LocalSiloStatus == SiloStatus.Active ? context.LocalSilo : RandomDirector.Any(target, context));
}
