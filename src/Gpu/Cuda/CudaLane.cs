using System.Collections.Immutable;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// One lane: its arena, upload buffer, a ring of results, one longer than the queue is deep, and the places where its steps can run: the
/// whole device, and its part of each partition. Driven by one thread at a time. The ring's inputs are uploaded in stream order, so a step
/// may be laid out while the one before it runs; a step at another place waits for the one before it on the device.
/// </summary>
internal sealed class CudaLane : IDisposable
{
    private const int FirstInputBytes = 1 << 20;

    private readonly CudaRunnerOptions options;
    private readonly Arena arena;
    private readonly StepInputs layouter;
    private readonly CudaStepResult[] ring;
    private readonly LanePlace device;
    private readonly List<(SmSplit Split, LanePlace Place)> shares = [];
    private volatile CudaStepResult? last;
    private DeviceBuffer inputs = new(FirstInputBytes);
    private LanePlace at;
    private int steps;

    public CudaLane(Lane lane, ModelOnDevice on)
    {
        options = on.Options;
        arena = new Arena(on.Model, options);
        device = at = new LanePlace(lane, on, arena, inputs.Pointer);
        arena.Clear(device.Stream);
        Settle(on, device, Product.PaddedRows(options.MaxTokens));
        if (lane == Lane.Decode) device.Prepare();
        layouter = new StepInputs(options.MaxSequences, on.Pages.Spare, on.Turns);
        ring = [.. Enumerable.Range(0, options.QueueDepth + 1).Select(_ => new CudaStepResult(on.Context, options.MaxRows, on.Model.VocabularySize, on.Model.HiddenSize, FirstInputBytes))];
        device.Stream.Synchronize();
    }

    /// <summary>Nothing that was queued is under way any more.</summary>
    public bool IsIdle => last?.IsCompleted ?? true;

    /// <summary>Makes the lane's places on its shares of the partitions.</summary>
    /// <param name="witness">The kernel of SmIds.cu.</param>
    public void Add(Lane lane, ModelOnDevice on, ImmutableArray<SmPartition> partitions, CudaKernel witness)
    {
        foreach (var partition in partitions)
        {
            var place = new LanePlace(lane, on, arena, inputs.Pointer, partition[lane], witness);
            shares.Add((partition.Split, place));
            if (!options.ConfinesDecode && lane == Lane.Decode) continue;       // it is never there
            Settle(on, place, Product.PaddedRows(lane == Lane.Prefill ? options.MaxTokens : options.MaxRows));
        }
    }

    /// <summary>What the lane's share of a split was seen to run on, launched plainly and by a graph.</summary>
    public SmWitness WitnessOf(SmSplit split) => PlaceOf(split).Witness!;

    /// <param name="alone">The other lane is idle: kernels that need the whole device at once don't wait for it.</param>
    /// <param name="confined">A split of a plan confines this lane; else it has the whole device whatever the plan says.</param>
    public unsafe StepResult Run(StepPlan plan, bool alone, bool confined)
    {
        var place = confined && plan.Split is { } split ? PlaceOf(split) : device;
        var shape = place.Measure.Measure(plan);
        if (alone && place.MayBeWhole(shape)) shape = shape with { Whole = true };
        var capacity = new StepLayout(shape).Lists + place.Measure.ListInts * sizeof(int);
        if (capacity > inputs.Bytes) Grow(capacity);
        if (place != at) MoveTo(place);
        var result = ring[steps++ % ring.Length];
        var bytes = layouter.Fill(plan, shape, place.Measure.ListInts, result.Inputs.Memory, result.Header, result.ProbesOf(shape));
        result.Begin(place, SampledRows(plan, shape));
        inputs.Upload(result.Inputs.Pointer, bytes, place.Stream);
        var typical = place.Launch(shape, inputs.Pointer);
        if (plan.KeepLogits && shape.Rows > 0) result.Keep(place.Stream, arena.Logits);
        result.End(place, typical);
        last = result;
        return result;
    }

    public void Dispose()
    {
        _ = CudaDriver.cuStreamSynchronize(at.Stream.Handle);     // after a fault there is nothing to wait for
        foreach (var (_, place) in shares) place.Dispose();
        device.Dispose();
        foreach (var result in ring) result.Dispose();
        inputs.Dispose();
        arena.Dispose();
    }

    private LanePlace PlaceOf(SmSplit split)
    {
        foreach (var (known, place) in shares)
            if (known == split) return place;
        throw new ArgumentException($"The device was not split {split}; it knows {(shares.Count == 0 ? "no split" : string.Join(", ", shares.Select(share => share.Split)))}.");
    }

    /// <summary>Arena, inputs and sampled tokens go with the lane: the new stream begins when the old one is done with them.</summary>
    private void MoveTo(LanePlace place)
    {
        if (last is { } before) place.Stream.WaitFor(before.Ended);
        at = place;
    }

    /// <summary>
    /// Settles the model's products of up to so many rows, by times where there are any, with the arena as their scratch, on numbers like a model's:
    /// zeros would run faster.
    /// </summary>
    private void Settle(ModelOnDevice on, LanePlace place, int most)
    {
        var (model, weights, layer) = (on.Model, on.Weights, on.Weights.Layers[0]);
        DeviceMatrix[] matrices = [layer.Qkv, layer.Output, layer.GateUp, layer.Down, .. new[] { weights.InputProjection, weights.OutputProjection }.OfType<DeviceMatrix>()];
        var bytes = Math.Min(2L * options.MaxTokens * model.IntermediateSize, 2L * model.VocabularySize * model.EmbeddingSize);
        Cuda.Check(CudaDriver.cuMemcpyDtoDAsync_v2(arena.Gated, weights.Embedding, (nuint)bytes, place.Stream.Handle));
        if (on.Timed is { } timed)
        {
            var products = Product.TimedRows(most, place.IsShare).SelectMany(rows => matrices.Select(matrix => (Of(matrix, rows, wide: false), matrix, arena.GateUp)))
                .Concat(Product.TimedRows(options.MaxRows, place.IsShare).Select(rows => (Of(weights.Head, rows, wide: true), weights.Head, arena.Logits)));
            timed.Complete(on.Blas, products, arena.Gated, arena.Workspace, place.Stream);
        }
        foreach (var matrix in matrices) place.Settle(matrix, arena.Gated, arena.GateUp, most, wide: false);
        place.Settle(weights.Head, arena.Gated, arena.Logits, options.MaxRows, wide: true);
        arena.Clear(place.Stream);
        place.Stream.Synchronize();

        Product Of(DeviceMatrix matrix, int rows, bool wide) => new(rows, matrix.Outputs, matrix.Inputs, wide, matrix.Bias != 0, place.IsShare ? place.Processors : 0);
    }

    private static int SampledRows(StepPlan plan, in StepShape shape)
    {
        if (shape.Rows == 0) return 0;
        var rows = plan.Decode.Count;
        for (var i = 0; i < plan.Prefill.Count; i++) rows += plan.Prefill[i].Samples ? 1 : 0;
        return rows;
    }

    /// <summary>The buffers are outgrown: waits for what is under way and starts anew with larger ones, graphs included.</summary>
    private void Grow(int bytes)
    {
        at.Stream.Synchronize();
        var larger = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)bytes);
        inputs.Dispose();
        inputs = new DeviceBuffer(larger);
        foreach (var result in ring) result.GrowInputs(larger);
        device.Rebuild(inputs.Pointer);
        foreach (var (_, place) in shares) place.Rebuild(inputs.Pointer);
    }
}
