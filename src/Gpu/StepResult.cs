using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu;

/// <summary>
/// What a step sampled: one entry per sampling row, prefill segments first, then decode rows, each in the plan's order.
/// Valid until the lane has run as many further steps as its queue is deep.
/// </summary>
public abstract class StepResult
{
    /// <summary>The step is done and <see cref="Wait"/> returns at once.</summary>
    public abstract bool IsCompleted { get; }

    /// <summary>Blocks the lane's thread until the step is done. Throws <see cref="DeviceFaultException"/> when the device failed.</summary>
    public abstract void Wait();

    /// <summary>(sampling rows) the tokens with their logprobs; the logprob is NaN-free and only meaningful where logprobs were asked for.</summary>
    public abstract ReadOnlySpan<TokenLogprob> Sampled { get; }

    /// <summary>(TopLogprobs of the row's sampling parameters) the most likely tokens, most likely first; empty when not asked for.</summary>
    public abstract ReadOnlySpan<TokenLogprob> TopLogprobs(int row);

    /// <summary>(vocabulary) the row's raw logits; throws InvalidOperationException unless the plan asked with KeepLogits.</summary>
    public abstract ReadOnlySpan<float> Logits(int row);

    /// <summary>Multiprocessors that the step was confined to, all of them when it had the whole device; 0 where the device has none to count.</summary>
    public virtual int Processors => 0;

    /// <summary>False when the step also did what is done once, as recording a graph: its duration tells nothing of the next.</summary>
    public virtual bool IsTypical => true;

    /// <summary>Time that the device spent on the step.</summary>
    public abstract TimeSpan Duration { get; }
}
