using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// A sequence's output between the lane that writes it and the one reader that takes it. The tokens themselves stay in the
/// <see cref="Sequence"/>; this says how many of them are out and how it ended. The writer (under the device's lock) never waits:
/// readers see two published words, and a waiting one is woken on the thread pool.
/// </summary>
internal sealed class OutputBuffer(Sequence sequence)
{
    private readonly LogprobBuffer? logprobs = sequence.Sampling.TopLogprobs is { } top ? new LogprobBuffer(top) : null;
    private int count = sequence.TokenCount - sequence.OutputStart;
    private OutputOutcome? outcome;
    private OutputReader? reader;
    private long lastRead;

    /// <summary>Output index of the first token that this device generated: after those that were delivered before.</summary>
    public int FirstIndex { get; } = sequence.TokenCount - sequence.OutputStart;

    public bool HasLogprobs => logprobs is not null;

    /// <summary>Output tokens that may be read, delivered ones included. Goes down only at a stop.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Set once: how the output ended. Readers look at it before <see cref="Count"/>, writers change it after.</summary>
    public OutputOutcome? Outcome => Volatile.Read(ref outcome);

    public OutputReader? Reader => Volatile.Read(ref reader);

    /// <summary>Timestamp of the last sign of life of a reader.</summary>
    public long LastRead => Math.Max(Volatile.Read(ref lastRead), Reader?.LastSign ?? long.MinValue);

    public void Append(TokenLogprob token, ReadOnlySpan<TokenLogprob> top)
    {
        logprobs?.Append(token.Logprob, top);
        sequence.Append(token.TokenId);
        Volatile.Write(ref count, sequence.TokenCount - sequence.OutputStart);
        Reader?.Wake();
    }

    /// <summary>Drops what is out past this length. An output that had ended by itself ends there.</summary>
    public void Truncate(int length)
    {
        if (length >= count) return;
        Volatile.Write(ref count, Math.Max(length, FirstIndex));
        if (outcome is { End: not null }) Volatile.Write(ref outcome, new OutputOutcome(new SequenceEnd(EndReason.Stopped), null));
    }

    /// <summary>Ends the output.</summary>
    public void Complete(OutputOutcome end)
    {
        Volatile.Write(ref outcome, end);
        Reader?.Wake();
    }

    /// <summary>Makes this the reader; the one before it, if any, ends.</summary>
    public void Attach(OutputReader next, long now)
    {
        Touch(now);
        var previous = Reader;
        Volatile.Write(ref reader, next);
        previous?.Supersede();
    }

    /// <summary>False when another reader has taken over.</summary>
    public bool Detach(OutputReader leaving, long now)
    {
        if (Reader != leaving) return false;
        Touch(now);
        Volatile.Write(ref reader, null);
        return true;
    }

    public void Touch(long now) => Volatile.Write(ref lastRead, now);

    public TokenLogprob this[int index] =>
        new(sequence.Tokens[sequence.OutputStart + index], logprobs?.Sampled(index - FirstIndex) ?? 0);

    public ReadOnlySpan<TokenLogprob> TopLogprobs(int index) => logprobs is null ? [] : logprobs.Top(index - FirstIndex);
}

/// <summary>How an output ended: well, or with the error that its reader gets.</summary>
internal sealed record OutputOutcome(SequenceEnd? End, Exception? Failure);
