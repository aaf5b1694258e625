using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// One lane: its stream, arena, upload buffer, graphs and a ring of results, one longer than the queue is deep. Driven by one thread at a time.
/// The ring's inputs are uploaded in stream order, so a step may be laid out while the one before it runs.
/// </summary>
internal sealed class CudaLane : IDisposable
{
    private const int FirstInputBytes = 1 << 20;
    private const int DecodePriority = -5, PrefillPriority = 0;      // decode goes first where both have blocks to run

    private readonly CudaRunnerOptions options;
    private readonly CudaStream stream;
    private readonly Arena arena;
    private readonly BlasMatMul blas;
    private readonly Forward forward;
    private readonly StepMeasure measure;
    private readonly StepInputs layouter;
    private readonly CudaStepResult[] ring;
    private readonly DecodeStep? whole;
    private volatile CudaStepResult? last;
    private DeviceBuffer inputs = new(FirstInputBytes);
    private StepGraphs graphs;
    private int steps;

    public CudaLane(Lane lane, CudaContext context, ModelConfig model, CudaRunnerOptions options, DeviceWeights weights, KvPages pages, RopeTurns? turns, ModelKernels kernels, nint blasLibrary, TimedAlgorithms? timed)
    {
        this.options = options;
        var processors = context.Device.SmCount;
        stream = new CudaStream(lane == Lane.Decode ? DecodePriority : PrefillPriority);
        arena = new Arena(model, options);
        arena.Clear(stream);
        if (timed is not null) Time(timed, blasLibrary, model, weights);
        blas = new BlasMatMul(blasLibrary, arena.Workspace, timed, options.BatchInvariant);
        if (kernels.WholeStep is { } kernel && options is { WholeSteps: true, BatchInvariant: false }) whole = new DecodeStep(model, weights, pages, turns!.Pointer, kernel, processors, stream);
        forward = new Forward(model, weights, pages, turns?.Pointer ?? 0, kernels, new MatMul(kernels, blas, processors, options.BatchInvariant), whole, arena, stream);
        measure = new StepMeasure(model, options, pages.Count, processors);
        layouter = new StepInputs(options.MaxSequences, pages.Spare, turns);
        ring = [.. Enumerable.Range(0, options.QueueDepth + 1).Select(_ => new CudaStepResult(context, options.MaxRows, model.VocabularySize, model.HiddenSize, FirstInputBytes))];
        graphs = new StepGraphs(forward, stream, inputs.Pointer);
        stream.Synchronize();
    }

    /// <summary>Nothing that was queued is under way any more.</summary>
    public bool IsIdle => last?.IsCompleted ?? true;

    /// <param name="alone">The other lane is idle: kernels that need the whole device at once don't wait for it.</param>
    public unsafe StepResult Run(StepPlan plan, bool alone)
    {
        var shape = measure.Measure(plan);
        if (whole is not null && alone && shape.IsDecode && shape.Tokens <= DecodeStep.MostRows) shape = shape with { Whole = true };
        var capacity = new StepLayout(shape).Lists + measure.ListInts * sizeof(int);
        if (capacity > inputs.Bytes) Grow(capacity);
        var result = ring[steps++ % ring.Length];
        var bytes = layouter.Fill(plan, shape, measure.ListInts, result.Inputs.Memory, result.Header, result.ProbesOf(shape));
        result.Begin(stream, SampledRows(plan, shape));
        inputs.Upload(result.Inputs.Pointer, bytes, stream);
        if (options.Graphs && shape.IsDecode) graphs.Launch(shape);
        else forward.Launch(shape, inputs.Pointer);
        if (plan.KeepLogits && shape.Rows > 0) result.Keep(stream, arena.Logits);
        result.End(stream);
        last = result;
        return result;
    }

    public void Dispose()
    {
        _ = CudaDriver.cuStreamSynchronize(stream.Handle);     // after a fault there is nothing to wait for
        graphs.Dispose();
        foreach (var result in ring) result.Dispose();
        inputs.Dispose();
        whole?.Dispose();
        blas.Dispose();
        arena.Dispose();
        stream.Dispose();
    }

    /// <summary>Times the model's products with the arena as their scratch, on numbers like a model's: zeros would run faster.</summary>
    private void Time(TimedAlgorithms timed, nint library, ModelConfig model, DeviceWeights weights)
    {
        var layer = weights.Layers[0];
        var products = Product.TimedRows(Product.PaddedRows(options.MaxTokens)).SelectMany(rows => new[] { layer.Qkv, layer.Output, layer.GateUp, layer.Down }.Select(matrix => (Of(matrix, rows, wide: false), matrix, arena.GateUp)))
            .Concat(Product.TimedRows(options.MaxRows).Select(rows => (Of(weights.Head, rows, wide: true), weights.Head, arena.Logits)));
        var bytes = Math.Min(2L * options.MaxTokens * model.IntermediateSize, 2L * model.VocabularySize * model.EmbeddingSize);
        Cuda.Check(CudaDriver.cuMemcpyDtoDAsync_v2(arena.Gated, weights.Embedding, (nuint)bytes, stream.Handle));
        timed.Complete(library, products, arena.Gated, arena.Workspace, stream);
        arena.Clear(stream);

        static Product Of(DeviceMatrix matrix, int rows, bool wide) => new(rows, matrix.Outputs, matrix.Inputs, wide, matrix.Bias != 0);
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
        stream.Synchronize();
        var larger = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)bytes);
        graphs.Dispose();
        inputs.Dispose();
        inputs = new DeviceBuffer(larger);
        foreach (var result in ring) result.GrowInputs(larger);
        graphs = new StepGraphs(forward, stream, inputs.Pointer);
    }
}
