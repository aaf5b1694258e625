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
    private readonly int[] probed;                      // (rows) rows of the batch that probes want
    private readonly RopeTable? rope;                   // null where positions are learned
    private readonly float* hidden;                     // (tokens, hidden) the residual stream; lasts from one slice of layers to the next
    private readonly float* normed;                     // (tokens, hidden or embedding) what a block reads, or gives before it is added
    private readonly float* qkv;                        // (tokens, query + 2 kv)
    private readonly float* attended;                   // (tokens, query)
    private readonly float* gateUp;                     // (tokens, 2, intermediate), or (tokens, intermediate) where nothing gates
    private readonly float* activated;                  // (tokens, intermediate)
    private readonly float* angles;                     // (tokens, 2, rotary size / 2)
    private readonly float* last;                       // (rows, hidden or embedding)
    private readonly float* logits;                     // (rows, vocabulary)

    public ForwardPass(Lane lane, CpuWeights weights, KvPages pages, ThreadTeam team, NativeArena arena, CpuRunnerOptions options)
    {
        (this.lane, this.weights, this.pages, this.team) = (lane, weights, pages, team);
        model = weights.Source.Config;
        batch = new Batch(model, options);
        rope = model.Rope is { } turning ? new RopeTable(turning, model.HeadSize) : null;
        samplers = new RowSampler[Math.Min(options.Threads, options.MaxRows)];
        for (var i = 0; i < samplers.Length; i++) samplers[i] = new RowSampler(model.VocabularySize);

        probed = new int[options.MaxRows];
        var (tokens, rows) = ((long)options.MaxTokens, (long)options.MaxRows);
        hidden = arena.Floats(tokens * model.HiddenSize);
        normed = arena.Floats(tokens * Width);
        qkv = arena.Floats(tokens * QkvStride);
        attended = arena.Floats(tokens * model.QuerySize);
        gateUp = arena.Floats(tokens * 2 * model.IntermediateSize);
        activated = arena.Floats(tokens * model.IntermediateSize);
        angles = arena.Floats(tokens * model.HeadSize);
        last = arena.Floats(rows * Width);
        logits = arena.Floats(rows * model.VocabularySize);
        result = new CpuStepResult(options.MaxRows, model.VocabularySize, logits);
    }

    private int QkvStride => model.QuerySize + 2 * model.KvSize;
    private int Width => Math.Max(model.HiddenSize, model.EmbeddingSize);

    /// <exception cref="ArgumentException">The plan can't be run; nothing was changed.</exception>
    /// <exception cref="DeviceFaultException">A kernel failed.</exception>
    public CpuStepResult Run(StepPlan plan)
    {
        var start = Stopwatch.GetTimestamp();
        batch.Fill(plan);
        if (batch.Layers.Start == 0) Embed();
        if (rope is not null) Launch(new RopeAngles { Batch = batch.Rows, Table = rope, Angles = angles, Rows = batch.RowCount });
        for (var layer = batch.Layers.Start; layer < batch.Layers.End; layer++)
        {
            Attention(layer, weights.Layers[layer]);
            Mlp(weights.Layers[layer]);
        }
        if (batch.Layers.End == model.LayerCount) ShowProbes();
        if (batch.SamplingCount > 0) Sample();
        result.Complete(batch.SamplingCount, plan.KeepLogits, Stopwatch.GetElapsedTime(start));
        return result;
    }

    private void Launch<TKernel>(TKernel kernel) where TKernel : struct, IKernel => team.Run(lane, kernel);

    private void Embed()
    {
        var rows = batch.RowCount;
        var embedded = weights.InputProjection is null ? hidden : normed;
        Launch(new Embedding { Table = weights.Embedding, Batch = batch.Rows, Y = embedded, Rows = rows, Scale = model.EmbeddingScale });
        if (weights.InputProjection is { } projection) Launch(new MatMul { X = embedded, Rows = rows, YStride = model.HiddenSize, First = new Projection(projection, hidden) });
        if (weights.Positions != null)
            Launch(new AddPositions
            {
                Table = weights.Positions, TableRows = model.PositionRows, Offset = model.PositionOffset, Batch = batch.Rows, Y = hidden, Rows = rows, Dim = model.HiddenSize,
            });
    }

    private void Attention(int index, CpuLayer layer)
    {
        var rows = batch.RowCount;
        float* queries = qkv, keys = queries + model.QuerySize, values = keys + model.KvSize;
        Launch(new MatMul
        {
            X = BlockInput(layer.AttentionNorm), Rows = rows, YStride = QkvStride,
            First = new Projection(layer.Query, queries), Second = new Projection(layer.Key, keys), Third = new Projection(layer.Value, values),
        });
        if (layer.QueryNorm != null) NormalizeHeads(queries, layer.QueryNorm, model.HeadCount);
        if (layer.KeyNorm != null) NormalizeHeads(keys, layer.KeyNorm, model.KvHeadCount);
        if (rope is not null)
            Launch(new Rope
            {
                X = queries, XStride = QkvStride, Angles = angles, Rows = rows, Heads = model.HeadCount + model.KvHeadCount, HeadSize = model.HeadSize, RotarySize = rope.RotarySize,
            });
        Launch(new StoreKeyValues
        {
            Batch = batch.Rows, Keys = keys, Values = values, Stride = QkvStride, Rows = rows,
            KvHeads = model.KvHeadCount, HeadSize = model.HeadSize, Pages = pages, Layer = index,
        });
        Launch(new PagedAttention
        {
            Batch = batch.Rows, Spans = batch.Spans, FirstBlocks = batch.FirstBlocks, SpanCount = batch.SpanCount,
            Q = queries, QStride = QkvStride, Y = attended, Heads = model.HeadCount, KvHeads = model.KvHeadCount, HeadSize = model.HeadSize,
            Window = model.WindowOf(index) ?? int.MaxValue, Score = new AttentionScore(model.AttentionScaleOf(index), model.AttentionSoftcap), Pages = pages, Layer = index,
        });
        AddBlock(attended, layer.Output, layer.AttentionNorm, layer.AttentionOutputNorm);
    }

    private void Mlp(CpuLayer layer)
    {
        var (rows, size) = (batch.RowCount, model.IntermediateSize);
        var x = BlockInput(layer.MlpNorm);
        if (layer.Gate is { } gate)
            Launch(new MatMul { X = x, Rows = rows, YStride = 2 * size, First = new Projection(gate, gateUp), Second = new Projection(layer.Up, gateUp + size) });
        else
            Launch(new MatMul { X = x, Rows = rows, YStride = size, First = new Projection(layer.Up, gateUp) });
        switch (model.Activation)
        {
            case Activation.Silu: Activate<Silu>(); break;
            case Activation.GeluTanh: Activate<GeluTanh>(); break;
            case Activation.Gelu: Activate<Gelu>(); break;
            case Activation.Relu: Activate<Relu>(); break;
            default: throw new InvalidOperationException($"No activation {model.Activation}.");
        }
        AddBlock(activated, layer.Down, layer.MlpNorm, layer.MlpOutputNorm);
    }

    private void Activate<TFunction>() where TFunction : struct, IActivationFunction =>
        Launch(new Activate<TFunction> { X = gateUp, Y = activated, Rows = batch.RowCount, Dim = model.IntermediateSize, Gated = model.GatedMlp });

    /// <summary>What a block reads of the residual stream.</summary>
    private float* BlockInput(in CpuNorm norm)
    {
        if (model.NormPlacement == NormPlacement.After) return hidden;
        Normalize(hidden, normed, norm, batch.RowCount);
        return normed;
    }

    /// <summary>A block's last product, added to the residual stream.</summary>
    /// <param name="norm">The block's, which may come after the sum.</param>
    /// <param name="outputNorm">Of what the block gives, before the sum.</param>
    private void AddBlock(float* x, in Matrix matrix, in CpuNorm norm, in CpuNorm? outputNorm)
    {
        var rows = batch.RowCount;
        if (outputNorm is { } inner)
        {
            Launch(new MatMul { X = x, Rows = rows, YStride = model.HiddenSize, First = new Projection(matrix, normed) });
            Normalize(normed, normed, inner, rows);
            Launch(new AddRows { X = normed, Y = hidden, Rows = rows, Dim = model.HiddenSize });
        }
        else
        {
            Launch(new MatMul { X = x, Rows = rows, YStride = model.HiddenSize, First = new Projection(matrix, hidden), Accumulates = true });
        }
        if (model.NormPlacement == NormPlacement.After) Normalize(hidden, hidden, norm, rows);
    }

    private void Sample()
    {
        var rows = batch.SamplingCount;
        Finish(batch.Sampling, rows);
        Head(rows);
        Launch(new SampleRows { Batch = batch, Samplers = samplers, Result = result });
        for (var row = 0; row < rows; row++) batch.Remember(batch.Sampling[row], result.TokenOf(row));
    }

    /// <summary>Shows the positions that probes want, as many at a time as the head takes.</summary>
    private void ShowProbes()
    {
        var count = 0;
        for (var row = 0; row < batch.RowCount; row++)
        {
            if (batch.Rows[row].Sequence.Probe is not { } probe || !probe.Wants(batch.Rows[row].Position)) continue;
            probed[count++] = row;
            if (count < probed.Length) continue;
            Show(count);
            count = 0;
        }
        if (count > 0) Show(count);
    }

    private void Show(int count)
    {
        Finish(probed, count);
        var scores = false;
        for (var i = 0; i < count; i++)
        {
            var (sequence, position) = (batch.Rows[probed[i]].Sequence, batch.Rows[probed[i]].Position);
            sequence.Probe!.See(position, new(last + (long)i * model.HiddenSize, model.HiddenSize));
            scores |= sequence.Probe.Scores(position);
        }
        if (!scores) return;
        Head(count);
        Launch(new ScoreRows { Batch = batch, From = probed, Logits = logits, Samplers = samplers, Rows = count, Vocabulary = model.VocabularySize });
    }

    /// <summary>The last hidden states of some rows, side by side and behind the final norm.</summary>
    private void Finish(int[] rows, int count)
    {
        Launch(new GatherRows { X = hidden, From = rows, Y = last, Rows = count, Dim = model.HiddenSize });
        if (weights.FinalNorm is { } norm) Normalize(last, last, norm, count);
    }

    /// <summary>The logits of finished rows.</summary>
    private void Head(int rows)
    {
        var headInput = last;
        if (weights.OutputProjection is { } projection)
        {
            Launch(new MatMul { X = last, Rows = rows, YStride = model.EmbeddingSize, First = new Projection(projection, normed) });
            headInput = normed;
        }
        Launch(new MatMul { X = headInput, Rows = rows, YStride = model.VocabularySize, First = new Projection(weights.Head, logits) });
        if (model.LogitSoftcap is { } cap) Launch(new CapLogits { X = logits, Rows = rows, Dim = model.VocabularySize, Cap = cap });
    }

    private void Normalize(float* x, float* y, in CpuNorm norm, int rows)
    {
        if (model.NormKind == NormKind.Layer)
            Launch(new LayerNorm { X = x, Y = y, Weight = norm.Weight, Bias = norm.Bias, Rows = rows, Dim = model.HiddenSize, Epsilon = model.NormEpsilon });
        else
            Launch(new RmsNorm
            {
                X = x, XStride = model.HiddenSize, Y = y, YStride = model.HiddenSize, Weight = norm.Weight, Rows = rows, Dim = model.HiddenSize, Epsilon = model.NormEpsilon,
            });
    }

    private void NormalizeHeads(float* x, float* weight, int heads) => Launch(new RmsNorm
    {
        X = x, XStride = QkvStride, Y = x, YStride = QkvStride, Weight = weight,
        Rows = batch.RowCount, VectorsPerRow = heads, Dim = model.HeadSize, Epsilon = model.NormEpsilon,
    });
}
