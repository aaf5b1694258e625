namespace Splitwiser.Embedded;

/// <summary>Any active silo: what a class without a placement attribute gets.</summary>
internal sealed class RandomPlacement : PlacementStrategy;

internal class RandomDirector : IPlacementDirector
{
    public virtual Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        return Task.FromResult(silos[Random.Shared.Next(silos.Length)]);
    }
}

internal sealed class PreferLocalDirector : RandomDirector
{
    public override Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        context.LocalSiloStatus == SiloStatus.Active ? Task.FromResult(context.LocalSilo) : base.OnAddActivation(strategy, target, context);
}
