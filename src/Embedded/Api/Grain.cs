namespace Orleans.Runtime
{
    /// <summary>Something with a grain id: a grain, or a reference to one.</summary>
    public interface IAddressable;
}

namespace Orleans
{
    public interface IGrain : IAddressable;
    public interface IGrainWithGuidKey : IGrain;
    public interface IGrainWithIntegerKey : IGrain;
    public interface IGrainWithStringKey : IGrain;

    /// <summary>A grain's code and state. The engine makes it on the first call and runs it one turn at a time.</summary>
    public abstract class Grain : IAddressable
    {
        internal Activation? Activation { get; } = Activation.Current; // null for a grain that somebody made by hand
        protected IGrainFactory GrainFactory => Activation!.Silo;

        /// <summary>Runs before the first call; if it throws, the waiting calls get that.</summary>
        public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        /// <summary>Runs when the silo ends this activation. Nothing that must happen belongs here: a crash skips it.</summary>
        public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

        /// <summary>Ends this activation once its running calls are done; later calls go to a new one.</summary>
        protected void DeactivateOnIdle() => Activation!.Deactivate(new(DeactivationReasonCode.ApplicationRequested, "The grain asked for it."));
    }

    public readonly struct DeactivationReason(DeactivationReasonCode code, string text)
    {
        public DeactivationReasonCode ReasonCode { get; } = code;
        public string Description { get; } = text;
    }

    public enum DeactivationReasonCode : byte { None = 0, ShuttingDown = 1, ActivationIdle = 4, ApplicationRequested = 9 }
}
