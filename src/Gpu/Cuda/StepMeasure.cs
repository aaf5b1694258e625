using Splitwiser.Gpu.Kv;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Cuda;

/// <summary>Looks a plan over before it is laid out: is it sound, what is its shape, how many ints do its lists take.</summary>
internal sealed class StepMeasure(ModelConfig model, CudaRunnerOptions options, int pageCount, int processors)
{
    private int tokens, rows, tiles, mostKeys, listInts, pools, scores;
    private bool draws, probed;

    public int ListInts => listInts;

    /// <exception cref="ArgumentException">The plan is larger than the runner, or names tokens, pages or slots that don't exist.</exception>
    public StepShape Measure(StepPlan plan)
    {
        if (plan.IsEmpty) throw new ArgumentException("An empty plan.", nameof(plan));
        if (plan.TokenCount > options.MaxTokens) throw new ArgumentException($"The step has {plan.TokenCount} positions; the runner holds {options.MaxTokens}.", nameof(plan));
        (tokens, rows, tiles, mostKeys, listInts, pools, scores, draws, probed) = (0, 0, 0, 0, 1, 0, 0, false, false);
        var layers = plan.Prefill.Count > 0 ? plan.Prefill[0].Layers : null;
        for (var i = 0; i < plan.Prefill.Count; i++) Add(plan.Prefill[i], layers);
        for (var i = 0; i < plan.Decode.Count; i++) Add(plan.Decode[i]);
        if (layers is not null && plan.Decode.Count > 0) throw new ArgumentException("Decode rows take all layers; they can't join a layer slice.", nameof(plan));
        var range = layers ?? new LayerRange(0, model.LayerCount);
        if (range.Start < 0 || range.End > model.LayerCount || range.Start >= range.End) throw new ArgumentException($"Layers {range.Start} .. {range.End - 1} of {model.LayerCount}.", nameof(plan));
        if (range.End < model.LayerCount) (rows, pools, scores, probed) = (0, 0, 0, false);
        if (rows > options.MaxRows) throw new ArgumentException($"The step samples {rows} rows; the runner holds {options.MaxRows}.", nameof(plan));
        var decodes = plan.Decode.Count;
        if (plan.Prefill.Count == 0) return DecodeShape(decodes, mostKeys, draws);
        var split = decodes == 0 ? default : SplitOf(decodes, mostKeys);
        return new StepShape(tokens, rows, decodes, plan.Prefill.Count, tiles, split, range, draws, IsProbed: probed, Pools: pools, Scores: scores);
    }

    /// <summary>All shapes of decode steps whose longest row has so many keys at most.</summary>
    public IReadOnlyCollection<StepShape> DecodeShapes(int longest)
    {
        var most = Math.Min(options.MaxRows, options.MaxSequences);
        HashSet<StepShape> shapes = [];
        for (var count = 1; count <= most; count = StepShape.PaddedRows(count, options.MaxRows) + 1)
            for (var keys = 1; keys < 2 * longest; keys *= 2)
                foreach (var drawing in new[] { false, true }) shapes.Add(DecodeShape(count, Math.Min(keys, longest), drawing));
        return shapes;
    }

    /// <summary>Of a step of decode rows only.</summary>
    /// <param name="longest">Keys of the longest row.</param>
    /// <param name="drawing">Some row needs more than the greedy scan.</param>
    public StepShape DecodeShape(int count, int longest, bool drawing)
    {
        var padded = StepShape.PaddedRows(count, options.MaxRows);
        return new StepShape(padded, padded, padded, 0, 0, SplitOf(padded, longest), new LayerRange(0, model.LayerCount), drawing);
    }

    private KeySplit SplitOf(int decodes, int longest) =>
        options.BatchInvariant ? KeySplit.Fixed(longest, options.ModelLength(model)) : KeySplit.For(decodes, model.KvHeadCount, longest, processors);

    private void Add(PrefillSegment segment, LayerRange? layers)
    {
        var (sequence, offset, count) = (segment.Sequence, segment.Offset, segment.Count);
        if (offset < 0 || count < 1 || offset + count > sequence.TokenCount)
            throw new ArgumentException($"A segment of positions {offset} .. {offset + count - 1} in a sequence of {sequence.TokenCount} tokens.");
        if (segment.Layers != layers) throw new ArgumentException("The segments of a step compute the same layers.");
        AddPositions(sequence, offset + count);
        foreach (var token in sequence.Tokens.Slice(offset, count)) Check(token);
        tokens += count;
        tiles += (count + RowTile.Rows - 1) / RowTile.Rows;
        if (segment.Samples) AddRow(sequence, offset + count);
        if (sequence.Probe is { } probe) AddProbed(sequence, new ProbedPositions(probe, offset, count));
    }

    private void AddProbed(Sequence sequence, ProbedPositions wanted)
    {
        if (wanted.IsEmpty) return;
        probed = true;
        if (wanted.PooledCount > 0) pools++;
        if (wanted.ScoredCount == 0) return;
        scores += wanted.ScoredCount;
        if (wanted.Probe.TopLogprobs > SampleRecord.TopLimit) throw new ArgumentException($"{wanted.Probe.TopLogprobs} top logprobs; the runner reports up to {SampleRecord.TopLimit}.");
        Check(sequence.Tokens[wanted.First + wanted.ScoredCount]);      // it may come with the next chunk only
    }

    private void Add(DecodeRow row)
    {
        if (row.Input == DecodeInput.Known) Check(row.Sequence.Tokens[row.Position]);
        AddPositions(row.Sequence, row.Position + 1);
        tokens++;
        mostKeys = Math.Max(mostKeys, row.Position + 1);
        AddRow(row.Sequence, row.Position + 1);
    }

    private void AddPositions(Sequence sequence, int keys)
    {
        if (model.PositionRows > 0 && keys > model.MaxPositions + Sequence.Lookahead) throw new ArgumentException($"Position {keys - 1}; the model has learned {model.MaxPositions}.");
        if ((uint)sequence.Slot >= (uint)options.MaxSequences) throw new ArgumentException($"Slot {sequence.Slot} of {options.MaxSequences}.");
        var pages = PageId.CountFor(keys);
        if (pages > sequence.PageCount) throw new ArgumentException($"Position {keys - 1} is beyond the sequence's {sequence.PageCount} pages.");
        foreach (var page in sequence.Pages[..pages])
            if ((uint)page.Value >= (uint)pageCount) throw new ArgumentException($"Page {page.Value} of {pageCount}.");
        listInts += pages;
    }

    private void AddRow(Sequence sequence, int keys)
    {
        rows++;
        var p = sequence.Sampling;
        if (p.TopLogprobs > SampleRecord.TopLimit) throw new ArgumentException($"{p.TopLogprobs} top logprobs; the runner reports up to {SampleRecord.TopLimit}.");
        if (SampleRows.IsPlain(sequence, keys - sequence.OutputStart)) return;
        draws = true;
        listInts += SampleRows.ListInts(sequence, keys);
    }

    private void Check(int token)
    {
        if ((uint)token >= (uint)model.VocabularySize) throw new ArgumentException($"Token {token} of a vocabulary of {model.VocabularySize}.");
    }
}
