using Splitwiser.Gpu.Kv;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>A plan laid out in rows: prefill segments first, then decode rows. Filled anew for every step of its lane.</summary>
internal sealed class Batch(ModelConfig model, CpuRunnerOptions options)
{
    private readonly int[] lastTokens = new int[options.MaxSequences];          // (slots) sampled by the lane's last step that sampled there
    private bool continues;                                                     // so far, the rows are those of the step before

    /// <summary>(MaxTokens)</summary>
    public BatchRow[] Rows { get; } = new BatchRow[options.MaxTokens];

    /// <summary>(MaxTokens)</summary>
    public RowSpan[] Spans { get; } = new RowSpan[options.MaxTokens];

    /// <summary>(MaxTokens + 1) where the blocks of each span start in <see cref="PagedAttention"/>, then their number.</summary>
    public int[] FirstBlocks { get; } = new int[options.MaxTokens + 1];

    /// <summary>(MaxRows) the rows that sample.</summary>
    public int[] Sampling { get; } = new int[options.MaxRows];

    public int RowCount { get; private set; }
    public int SpanCount { get; private set; }
    public int SamplingCount { get; private set; }

    /// <summary>The layers to compute.</summary>
    public LayerRange Layers { get; private set; }

    /// <summary>Lays out a plan. Slices of layers stand alone: every segment the same slice, and no decode rows beside them.</summary>
    /// <exception cref="ArgumentException">
    /// The plan is larger than the runner, names tokens, pages or slots that don't exist, or a slice does not continue the lane's last step.
    /// </exception>
    public void Fill(StepPlan plan)
    {
        if (plan.TokenCount > Rows.Length) throw Invalid($"The step has {plan.TokenCount} positions; the runner holds {Rows.Length}.");
        var layers = LayersOf(plan);
        continues = layers.Start == Layers.End && plan.TokenCount == RowCount;
        (Layers, RowCount, SpanCount, SamplingCount) = (default, 0, 0, 0);
        for (var i = 0; i < plan.Prefill.Count; i++) Add(plan.Prefill[i], layers);
        for (var i = 0; i < plan.Decode.Count; i++) Add(plan.Decode[i]);
        if (layers.Start > 0 && !continues) throw Invalid($"Layers from {layers.Start} on must follow the slice before them of the same segments on the same lane.");
        Layers = layers;
    }

    public void Remember(int row, int token) => lastTokens[Rows[row].Sequence.Slot] = token;

    private LayerRange LayersOf(StepPlan plan)
    {
        var all = new LayerRange(0, model.LayerCount);
        var slice = plan.Prefill.Count > 0 ? plan.Prefill[0].Layers : null;
        for (var i = 0; i < plan.Prefill.Count; i++)
            if (plan.Prefill[i].Layers != slice) throw Invalid("The segments of a step name different layers.");
        if (slice is not null && plan.Decode.Count > 0) throw Invalid("Decode rows can't be in a step that computes a slice of the layers.");
        var range = slice ?? all;
        if (range.Start < 0 || range.Start >= range.End || range.End > model.LayerCount) throw Invalid($"Layers {range.Start} .. {range.End - 1} of {model.LayerCount}.");
        return range;
    }

    private void Add(PrefillSegment segment, LayerRange layers)
    {
        var (sequence, offset, count) = (segment.Sequence, segment.Offset, segment.Count);
        if (offset < 0 || count < 1 || offset + count > sequence.TokenCount)
            throw Invalid($"Positions {offset} .. {offset + count - 1} of a sequence of {sequence.TokenCount} tokens.");
        AddSpan(sequence, offset, count);
        for (var position = offset; position < offset + count; position++) AddRow(sequence, position, sequence.Tokens[position]);
        if (segment.Samples && layers.End == model.LayerCount) AddSampling();
    }

    private void Add(DecodeRow row)
    {
        var (sequence, position, fromHost) = (row.Sequence, row.Position, row.Input == DecodeInput.Known);
        if (position < 0 || position >= sequence.TokenCount + (fromHost ? 0 : 1)) throw Invalid($"Position {position} of a sequence of {sequence.TokenCount} tokens.");
        AddSpan(sequence, position, 1);
        AddRow(sequence, position, fromHost ? sequence.Tokens[position] : lastTokens[sequence.Slot]);
        AddSampling();
    }

    private void AddSpan(Sequence sequence, int offset, int count)
    {
        if ((uint)sequence.Slot >= (uint)lastTokens.Length) throw Invalid($"Slot {sequence.Slot} of {lastTokens.Length}.");
        if (PageId.CountFor(offset + count) > sequence.PageCount)
            throw Invalid($"Position {offset + count - 1} is beyond the sequence's {sequence.PageCount} pages.");
        foreach (var page in sequence.Pages)
            if ((uint)page.Value >= (uint)options.PageCount) throw Invalid($"Page {page.Value} of {options.PageCount}.");
        Spans[SpanCount] = new RowSpan(RowCount, count);
        FirstBlocks[SpanCount + 1] = FirstBlocks[SpanCount] + PagedAttention.BlocksOf(count, model.HeadCount, model.KvHeadCount);
        SpanCount++;
    }

    private void AddRow(Sequence sequence, int position, int token)
    {
        if (model.PositionRows > 0 && position >= model.MaxPositions + Sequence.Lookahead) throw Invalid($"Position {position}; the model has learned {model.MaxPositions}.");
        if ((uint)token >= (uint)model.VocabularySize) throw Invalid($"Token {token} of a vocabulary of {model.VocabularySize}.");
        continues &= Rows[RowCount].Sequence == sequence && Rows[RowCount].Position == position;
        Rows[RowCount++] = new BatchRow(sequence, position, token);
    }

    private void AddSampling()
    {
        if (SamplingCount == Sampling.Length) throw Invalid($"More than {Sampling.Length} sampling rows.");
        Sampling[SamplingCount++] = RowCount - 1;
    }

    private static ArgumentException Invalid(string what) => new(what, "plan");
}
