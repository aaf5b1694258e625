namespace Orleans.Runtime
{
    /// <summary>Says how the silo of a new activation is chosen; a director acts on it.</summary>
    public abstract class PlacementStrategy
    {
        /// <summary>An activation is found by its entry in the grain directory; else by the director, which must say the same at any time. Here both find the one that is there.</summary>
        public virtual bool IsUsingGrainDirectory => true;
    }

    /// <summary>The silo that took the call, if it is active; else any.</summary>
    public sealed class PreferLocalPlacement : PlacementStrategy;
}

namespace Orleans.Placement
{
    /// <summary>Gives a grain class its placement strategy.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public abstract class PlacementAttribute : Attribute
    {
        protected PlacementAttribute(PlacementStrategy placement) => PlacementStrategy = placement ?? throw new ArgumentNullException(nameof(placement));
        public PlacementStrategy PlacementStrategy { get; }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class PreferLocalPlacementAttribute() : PlacementAttribute(new PreferLocalPlacement());

    /// <summary>No balancer may move this grain. Here there is none that could.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class ImmovableAttribute(ImmovableKind kind = ImmovableKind.Any) : Attribute { public ImmovableKind Kind { get; } = kind; }

    [Flags] public enum ImmovableKind : byte { Repartitioner = 1, Rebalancer = 2, Any = Repartitioner | Rebalancer }
}

namespace Orleans.Runtime.Placement
{
    /// <summary>The grain that needs a silo.</summary>
    public readonly struct PlacementTarget
    {
        internal PlacementTarget(GrainId grain) => GrainIdentity = grain;
        public GrainId GrainIdentity { get; }
    }

    /// <summary>What the choosing silo knows of the cluster.</summary>
    public interface IPlacementContext
    {
        SiloAddress LocalSilo { get; }
        SiloStatus LocalSiloStatus { get; }

        /// <summary>The active silos, at least one.</summary>
        /// <exception cref="OrleansException">No silo is active.</exception>
        SiloAddress[] GetCompatibleSilos(PlacementTarget target);
    }

    /// <summary>Chooses the silo of a new activation. What it throws, the caller of the grain gets.</summary>
    public interface IPlacementDirector
    {
        Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context);
    }
}
