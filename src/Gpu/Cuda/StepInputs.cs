using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Cuda;

/// <summary>Lays a plan out in pinned memory as the kernels read it: prefill rows first, then decode rows, then padding.</summary>
internal sealed class StepInputs(int paddingSlot, int paddingPage, RopeTurns? turns)
{
    private int[] blockKeys = new int[256];     // what tiles and decode rows are sorted by

    private HostMemory memory;
    private StepProbes probes = null!;
    private StepLayout layout;
    private StepShape shape;
    private int token, row, segment, tile, pool, score, listInts;

    /// <returns>Bytes to upload.</returns>
    public int Fill(StepPlan plan, in StepShape of, int listCapacity, HostMemory into, in StepHeader header, StepProbes probes)
    {
        (memory, shape, layout, this.probes) = (into, of, new StepLayout(of), probes);
        (token, row, segment, tile, pool, score, listInts) = (0, 0, 0, 0, 0, 0, 1);
        memory.As<StepHeader>(StepLayout.Header, 1)[0] = header;
        if (shape.IsProbed) memory.As<ProbeHeader>(layout.Probes, 1)[0] = probes.Header;
        var lists = memory.As<int>(layout.Lists, listCapacity);
        lists[0] = paddingPage;
        for (var i = 0; i < plan.Prefill.Count; i++) Add(plan.Prefill[i], lists);
        for (var i = 0; i < plan.Decode.Count; i++) Add(plan.Decode[i], i, lists);
        if (shape.IsDecode)
            for (var i = plan.Decode.Count; i < shape.Decodes; i++) AddPadding(i);
        SortTiles();
        SortDecodes();
        return layout.Lists + listInts * sizeof(int);
    }

    private void Add(PrefillSegment part, Span<int> lists)
    {
        var (sequence, offset, count) = (part.Sequence, part.Offset, part.Count);
        memory.As<SegmentRecord>(layout.Segments, shape.Segments)[segment] = new SegmentRecord(token, count, offset, listInts);
        var tiles = memory.As<RowTile>(layout.Tiles, shape.Tiles);
        for (var first = 0; first < count; first += RowTile.Rows) tiles[tile++] = new RowTile(segment, first);
        segment++;
        if (shape.IsProbed && sequence.Probe is { } probe) AddProbed(sequence, new ProbedPositions(probe, offset, count), token - offset);
        AddPages(sequence, offset + count, lists);
        var tokens = sequence.Tokens;
        for (var position = offset; position < offset + count; position++) AddToken(new TokenSource(0, tokens[position]), Turn(sequence, position), Place(sequence, position));
        if (part.Samples && shape.Rows > 0) AddRow(sequence, offset + count, lists);
    }

    /// <param name="origin">Row of the batch that the sequence's position 0 would have.</param>
    private void AddProbed(Sequence sequence, ProbedPositions wanted, int origin)
    {
        if (wanted.IsEmpty) return;
        probes.Add(wanted, pool, score);
        if (wanted.PooledCount > 0) memory.As<PoolRecord>(layout.Pools, shape.Pools)[pool++] = new PoolRecord(origin + wanted.FirstPooled, wanted.PooledCount);
        for (var position = wanted.First; position < wanted.First + wanted.ScoredCount; position++)
        {
            memory.As<int>(layout.ScoredRows, shape.Scores)[score] = origin + position;
            memory.As<ScoredRecord>(layout.Scores, shape.Scores)[score++] = new ScoredRecord(sequence.Tokens[position + 1], wanted.Probe.TopLogprobs!.Value);
        }
    }

    private void Add(DecodeRow part, int index, Span<int> lists)
    {
        var (sequence, position) = (part.Sequence, part.Position);
        memory.As<DecodeRecord>(layout.Decodes, shape.Decodes)[index] = new DecodeRecord(token, position, listInts);
        AddPages(sequence, position + 1, lists);
        var source = part.Input == DecodeInput.Known ? new TokenSource(0, sequence.Tokens[position]) : new TokenSource(1, sequence.Slot);
        AddToken(source, Turn(sequence, position), Place(sequence, position));
        AddRow(sequence, position + 1, lists);
    }

    private void AddPadding(int index)
    {
        memory.As<DecodeRecord>(layout.Decodes, shape.Decodes)[index] = new DecodeRecord(token, 0, 0);
        AddToken(default, 0, paddingPage * PageId.Size);
        memory.As<int>(layout.HeadRows, shape.Rows)[row] = token - 1;
        memory.As<SampleRecord>(layout.Samples, shape.Rows)[row++] = SampleRows.Padding(paddingSlot);
    }

    private void AddPages(Sequence sequence, int keys, Span<int> lists)
    {
        foreach (var page in sequence.Pages[..PageId.CountFor(keys)]) lists[listInts++] = page.Value;
    }

    private void AddToken(TokenSource source, int position, int place)
    {
        memory.As<TokenSource>(layout.Sources, shape.Tokens)[token] = source;
        memory.As<int>(layout.Positions, shape.Tokens)[token] = position;
        memory.As<int>(layout.Places, shape.Tokens)[token] = place;
        token++;
    }

    private void AddRow(Sequence sequence, int position, Span<int> lists)
    {
        memory.As<int>(layout.HeadRows, shape.Rows)[row] = token - 1;
        memory.As<SampleRecord>(layout.Samples, shape.Rows)[row] = SampleRows.Write(sequence, position, lists, ref listInts);
        row++;
    }

    /// <summary>Most keys first, so that no long tile is left for the end.</summary>
    private void SortTiles()
    {
        if (shape.Tiles < 2) return;
        var tiles = memory.As<RowTile>(layout.Tiles, shape.Tiles);
        var segments = memory.As<SegmentRecord>(layout.Segments, shape.Segments);
        var keys = KeysOf(tiles.Length);
        for (var i = 0; i < tiles.Length; i++) keys[i] = -(segments[tiles[i].Segment].Offset + tiles[i].FirstRow);
        keys.Sort(tiles);
    }

    /// <summary>The same for rows of decode attention: shortest prompts come first otherwise, and the longest rows' blocks would end alone.</summary>
    private void SortDecodes()
    {
        if (shape.Decodes < 2) return;
        var decodes = memory.As<DecodeRecord>(layout.Decodes, shape.Decodes);
        var keys = KeysOf(decodes.Length);
        for (var i = 0; i < decodes.Length; i++) keys[i] = -decodes[i].Position;
        keys.Sort(decodes);
    }

    private Span<int> KeysOf(int count)
    {
        if (blockKeys.Length < count) blockKeys = new int[Math.Max(count, 2 * blockKeys.Length)];
        return blockKeys.AsSpan(0, count);
    }

    private int Turn(Sequence sequence, int position) => turns?.RowOf(position, Math.Max(sequence.TokenCount, position + 1)) ?? position;

    private static int Place(Sequence sequence, int position) => sequence.Pages[position / PageId.Size].Value * PageId.Size + position % PageId.Size;
}
