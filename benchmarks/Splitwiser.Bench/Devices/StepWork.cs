using Splitwiser.Gpu.Kv;
using Splitwiser.Models;

namespace Splitwiser.Bench.Devices;

/// <summary>
/// What a step of a model moves and computes, as a model: every weight is read once a step, of the embedding only rows, keys and values are
/// written once and read once by each row or prompt chunk that attends to them. What stays on the chip is not counted.
/// </summary>
/// <param name="LayerBytes">Weights of all layers.</param>
/// <param name="HeadBytes">Weights of the head, read by steps that sample.</param>
/// <param name="LayerOperations">Of one position in all layers, attention left out.</param>
/// <param name="HeadOperations">Of one sampled row.</param>
/// <param name="AttentionOperations">Of one query position and one key position, all layers.</param>
internal sealed record StepWork(double LayerBytes, double HeadBytes, double LayerOperations, double HeadOperations, double AttentionOperations)
{
    /// <summary>Of one page of keys and values; the runner's.</summary>
    public long PageBytes { get; init; }

    public static StepWork Of(DecoderWeights weights)
    {
        var linears = weights.Layers.SelectMany(layer => layer.Linears).ToArray();
        var config = weights.Config;
        return new StepWork(
            linears.Sum(linear => (double)linear.Weight.ByteCount + (linear.Bias?.ByteCount ?? 0)), weights.Head.ByteCount,
            2.0 * linears.Sum(linear => linear.Weight.ElementCount), 2.0 * weights.Head.ElementCount, 4.0 * config.QuerySize * config.LayerCount);
    }

    public double Bytes(in StepRecord step) =>
        LayerBytes * step.LayerShare + (step.SampledRows > 0 ? HeadBytes : 0) + (double)PageBytes / PageId.Size * (step.KeysRead + step.KeysWritten);

    /// <summary>Of a decode step of so many sequences at a context.</summary>
    public double DecodeBytes(int sequences, double context) => LayerBytes + HeadBytes + (double)PageBytes / PageId.Size * sequences * (context + 1);

    /// <summary>Of a whole prompt.</summary>
    public double PrefillOperations(int length) => LayerOperations * length + HeadOperations + AttentionOperations * length * (length + 1.0) / 2;

    public double Operations(in StepRecord step) =>
        LayerOperations * (step.PrefillTokens + step.DecodeRows) + HeadOperations * step.SampledRows + AttentionOperations * step.PairsAttended;
}
