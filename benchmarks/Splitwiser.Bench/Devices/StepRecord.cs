using System.Diagnostics;
using Splitwiser.Gpu;

namespace Splitwiser.Bench.Devices;

/// <summary>A step that was run: what it held, and when.</summary>
/// <param name="Launched">Timestamp of its launch.</param>
/// <param name="Completed">Timestamp at which the host knew that it was done.</param>
/// <param name="Duration">That the device reports.</param>
/// <param name="PrefillTokens">Prompt positions; of prompts whose layers are sliced, with the last slice.</param>
/// <param name="KeysRead">Positions whose keys and values its rows and chunks attend to, once for each row or chunk.</param>
/// <param name="PairsAttended">Pairs of a query position and a key position.</param>
/// <param name="LayerShare">Of the layers, those that it ran: 1 but for a slice of them.</param>
/// <param name="Split">Its lane was confined to its part of this.</param>
internal readonly record struct StepRecord(
    Lane Lane, long Launched, long Completed, TimeSpan Duration, int PrefillTokens, int DecodeRows, int SampledRows, long KeysRead, long KeysWritten, double PairsAttended, double LayerShare = 1, SmSplit? Split = null)
{
    /// <summary>What a plan holds, before it runs.</summary>
    public static StepRecord Of(Lane lane, StepPlan plan, int layers)
    {
        var (prefilled, sampled, read, pairs) = (0, plan.Decode.Count, 0L, 0.0);
        foreach (var segment in plan.Prefill)
        {
            if (segment.Layers is { } slice && slice.End < layers) continue;
            prefilled += segment.Count;
            if (segment.Samples) sampled++;
            read += segment.Offset + segment.Count;
            pairs += (double)segment.Count * segment.Offset + segment.Count * (segment.Count + 1.0) / 2;
        }

        var share = plan is { Decode.Count: 0, Prefill: [{ Layers: { } part }, ..] } ? (double)(part.End - part.Start) / layers : 1;
        foreach (var row in plan.Decode) (read, pairs) = (read + row.Position + 1, pairs + row.Position + 1);
        return new StepRecord(lane, Stopwatch.GetTimestamp(), 0, default, prefilled, plan.Decode.Count, sampled, read, prefilled + plan.Decode.Count, pairs, share, plan.Split);
    }
}
