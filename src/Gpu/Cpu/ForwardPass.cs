using System.Diagnostics;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>One lane's way through the model: its batch, its arena, the order of the kernels.</summary>
internal sealed unsafe class ForwardPass
{
    private readonly Lane lane;
    private readonly ModelConfig model;
    private readonly CpuWeights weights;
    private readonly KvPages pages;
    private readonly ThreadTeam team;
    private readonly Batch batch;
    private readonly CpuStepResult result;
    private readonly RowSampler[] samplers;             // (threads, no more than rows)
    private readonly float[] ropeFrequencies;
    private readonly float* hidden;                     // (tokens, hidden) the residual stream; lasts from one slice of layers to the next
    private readonly float* normed;                     // (tokens, hidden)
    private readonly float* qkv;                        // (tokens, query + 2 kv)
    private readonly float* attended;                   // (tokens, query)
    private readonly float* gateUp;                     // (tokens, 2, intermediate)
    private readonly float* activated;                  // (tokens, intermediate)
    private readonly float* angles;                     // (tokens, 2, head size / 2)
    private readonly float* last;                       // (rows, hidden)
    private readonly float* logits;                     // (rows, vocabulary)

    public ForwardPass(Lane lane, CpuWeights weights, KvPages pages, ThreadTeam team, NativeArena arena, CpuRunnerOptions options)
    {
        (this.lane, this.weights, this.pages, this.team) = (lane, weights, pages, team);
        model = weights.Source.Config;
        batch = new Batch(model, options);
        ropeFrequencies = model.Rope.InverseFrequencies(model.HeadSize);
        samplers = new RowSampler[Math.Min(options.Threads, options.MaxRows)];
        for (var i = 0; i < samplers.Length; i++) samplers[i] = new RowSampler(model.VocabularySize);

        var (tokens, rows) = ((long)options.MaxTokens, (long)options.MaxRows);
        hidden = arena.Floats(tokens * model.HiddenSize);
        normed = arena.Floats(tokens * model.HiddenSize);
        qkv = arena.Floats(tokens * QkvStride);
        attended = arena.Floats(tokens * model.QuerySize);
        gateUp = arena.Floats(tokens * 2 * model.IntermediateSize);
        activated = arena.Floats(tokens * model.IntermediateSize);
        angles = arena.Floats(tokens * model.HeadSize);
        last = arena.Floats(rows * model.HiddenSize);
        logits = arena.Floats(rows * model.VocabularySize);
        result = new CpuStepResult(options.MaxRows, model.VocabularySize, logits);
    }

    private int QkvStride => model.QuerySize + 2 * model.KvSize;

    /// <exception cref="ArgumentException">The plan can't be run; nothing was changed.</exception>
    /// <exception cref="DeviceFaultException">A kernel failed.</exception>
    public CpuStepResult Run(StepPlan plan)
    {
        var start = Stopwatch.GetTimestamp();
        batch.Fill(plan);
        if (batch.Layers.Start == 0) Embed();
        Launch(new RopeAngles { Batch = batch.Rows, Frequencies = ropeFrequencies, Angles = angles, Rows = batch.RowCount });
        for (var layer = batch.Layers.Start; layer < batch.Layers.End; layer++)
        {
            Attention(layer, weights.Layers[layer]);
            Mlp(weights.Layers[layer]);
        }
        if (batch.SamplingCount > 0) Sample();
        result.Complete(batch.SamplingCount, plan.KeepLogits, Stopwatch.GetElapsedTime(start));
        return result;
    }

    private void Launch<TKernel>(TKernel kernel) where TKernel : struct, IKernel => team.Run(lane, kernel);

    private void Embed() => Launch(new Embedding { Table = weights.Embedding, Batch = batch.Rows, Y = hidden, Rows = batch.RowCount });

    private void Attention(int index, CpuLayer layer)
    {
        var rows = batch.RowCount;
        float* queries = qkv, keys = queries + model.QuerySize, values = keys + model.KvSize;
        Normalize(hidden, layer.InputNorm, rows);
        Launch(new MatMul
        {
            X = normed, Rows = rows, YStride = QkvStride,
            First = new Projection(layer.Query, queries), Second = new Projection(layer.Key, keys), Third = new Projection(layer.Value, values),
        });
        if (layer.QueryNorm != null) NormalizeHeads(queries, layer.QueryNorm, model.HeadCount);
        if (layer.KeyNorm != null) NormalizeHeads(keys, layer.KeyNorm, model.KvHeadCount);
        Launch(new Rope { X = queries, XStride = QkvStride, Angles = angles, Rows = rows, Heads = model.HeadCount + model.KvHeadCount, HeadSize = model.HeadSize });
        Launch(new StoreKeyValues
        {
            Batch = batch.Rows, Keys = keys, Values = values, Stride = QkvStride, Rows = rows,
            KvHeads = model.KvHeadCount, HeadSize = model.HeadSize, Pages = pages, Layer = index,
        });
        Launch(new PagedAttention
        {
            Batch = batch.Rows, Spans = batch.Spans, FirstBlocks = batch.FirstBlocks, SpanCount = batch.SpanCount,
            Q = queries, QStride = QkvStride, Y = attended, Heads = model.HeadCount, KvHeads = model.KvHeadCount, HeadSize = model.HeadSize,
            Window = model.WindowOf(index) ?? int.MaxValue, Pages = pages, Layer = index,
        });
        Launch(new MatMul { X = attended, Rows = rows, YStride = model.HiddenSize, First = new Projection(layer.Output, hidden), Accumulates = true });
    }

    private void Mlp(CpuLayer layer)
    {
        var (rows, size) = (batch.RowCount, model.IntermediateSize);
        Normalize(hidden, layer.PostAttentionNorm, rows);
        Launch(new MatMul { X = normed, Rows = rows, YStride = 2 * size, First = new Projection(layer.Gate, gateUp), Second = new Projection(layer.Up, gateUp + size) });
        Launch(new SwiGlu { GateUp = gateUp, Y = activated, Rows = rows, Dim = size });
        Launch(new MatMul { X = activated, Rows = rows, YStride = model.HiddenSize, First = new Projection(layer.Down, hidden), Accumulates = true });
    }

    private void Sample()
    {
        var rows = batch.SamplingCount;
        Launch(new GatherRows { X = hidden, From = batch.Sampling, Y = last, Rows = rows, Dim = model.HiddenSize });
        Normalize(last, weights.FinalNorm, rows);
        Launch(new MatMul { X = normed, Rows = rows, YStride = model.VocabularySize, First = new Projection(weights.Head, logits) });
        Launch(new SampleRows { Batch = batch, Samplers = samplers, Result = result });
        for (var row = 0; row < rows; row++) batch.Remember(batch.Sampling[row], result.TokenOf(row));
    }

    private void Normalize(float* x, float* weight, int rows) => Launch(new RmsNorm
    {
        X = x, XStride = model.HiddenSize, Y = normed, YStride = model.HiddenSize, Weight = weight,
        Rows = rows, Dim = model.HiddenSize, Epsilon = model.NormEpsilon,
    });

    private void NormalizeHeads(float* x, float* weight, int heads) => Launch(new RmsNorm
    {
        X = x, XStride = QkvStride, Y = x, YStride = QkvStride, Weight = weight,
        Rows = batch.RowCount, VectorsPerRow = heads, Dim = model.HeadSize, Epsilon = model.NormEpsilon,
    });
}
