using System.Runtime.InteropServices;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Cuda;

/// <summary>How a sequence's sampling parameters become the record and the lists that the sampling kernels read.</summary>
internal static class SampleRows
{
    private const float GreedyBelow = 1e-5f;    // as in the host's sampler

    /// <summary>Greedy, nothing edited, no list of likely tokens: the scan of the logits answers it.</summary>
    /// <param name="outputCount">Output tokens so far.</param>
    public static bool IsPlain(Sequence sequence, int outputCount) => sequence.Allowed.IsEmpty && IsPlain(sequence.Sampling, outputCount);

    private static bool IsPlain(SamplingParams p, int outputCount) =>
        !(p.Temperature >= GreedyBelow) && p.LogitBias.IsDefaultOrEmpty && !HasPenalties(p) && !(p.TopLogprobs > 0) && !MasksEnd(p, outputCount);

    /// <summary>Most ints that the row's lists take.</summary>
    public static int ListInts(Sequence sequence, int tokenCount)
    {
        var p = sequence.Sampling;
        return (HasPenalties(p) ? tokenCount : 0) + 2 * Length(p.LogitBias) + Length(p.EndTokenIds) + sequence.Allowed.Length;
    }

    /// <param name="position">Index that the sampled token will have.</param>
    /// <param name="lists">Where the row's lists go, from index <paramref name="used"/> on.</param>
    public static SampleRecord Write(Sequence sequence, int position, Span<int> lists, ref int used)
    {
        var p = sequence.Sampling;
        var record = new SampleRecord
        {
            Seed = p.Seed, Temperature = p.Temperature, TopP = p.TopP, MinP = p.MinP, Repetition = p.RepetitionPenalty, Presence = p.PresencePenalty,
            Frequency = p.FrequencyPenalty, TopK = p.TopK ?? 0, Slot = sequence.Slot, Position = position, OutputStart = sequence.OutputStart,
            TopLogprobs = p.TopLogprobs ?? -1, Plain = IsPlain(sequence, position - sequence.OutputStart) ? 1 : 0,
        };
        if (record.Plain != 0) return record;
        if (HasPenalties(p))
        {
            var known = Math.Min(position, sequence.TokenCount);
            if (position - known > 1) throw new ArgumentException("Penalties need all tokens but the last step's.");
            (record.Tokens, record.TokenCount, record.Feedback) = (used, known, position - known);
            sequence.Tokens[..known].CopyTo(lists[used..]);
            used += known;
        }
        if (!p.LogitBias.IsDefaultOrEmpty)
        {
            (record.Biases, record.BiasCount) = (used, p.LogitBias.Length);
            foreach (var (token, bias) in p.LogitBias)
            {
                lists[used++] = token;
                lists[used++] = BitConverter.SingleToInt32Bits(bias);
            }
        }
        if (MasksEnd(p, position - sequence.OutputStart))
        {
            (record.Banned, record.BannedCount) = (used, p.EndTokenIds.Length);
            p.EndTokenIds.AsSpan().CopyTo(lists[used..]);
            used += p.EndTokenIds.Length;
        }
        if (!sequence.Allowed.IsEmpty)
        {
            record.Allowed = used;      // never 0: the lists begin with something else
            MemoryMarshal.Cast<uint, int>(sequence.Allowed.Span).CopyTo(lists[used..]);
            used += sequence.Allowed.Length;
        }
        return record;
    }

    /// <summary>A row that pads the batch: its token goes to a slot that nobody reads.</summary>
    public static SampleRecord Padding(int slot) => new() { Slot = slot, TopLogprobs = -1, Plain = 1 };

    private static bool HasPenalties(SamplingParams p) => p.RepetitionPenalty != 1 || p.PresencePenalty != 0 || p.FrequencyPenalty != 0;

    private static bool MasksEnd(SamplingParams p, int outputCount) => outputCount < p.MinTokens && !p.EndTokenIds.IsDefaultOrEmpty;

    private static int Length<T>(System.Collections.Immutable.ImmutableArray<T> list) => list.IsDefault ? 0 : list.Length;
}
