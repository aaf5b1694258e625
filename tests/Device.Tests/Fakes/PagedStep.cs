using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Device.Tests;

/// <summary>One step of <see cref="PagedRunner"/>: positions to write, rows to sample, and what was sampled. Reused; allocates nothing once warm.</summary>
internal sealed class PagedStep(PagedLane lane) : StepResult
{
    private readonly List<Work> work = new(64);
    private readonly List<PageId> pages = new(4096);     // page tables, one after the other
    private readonly List<int> inputs = new(4096);       // input tokens, one run after the other
    private TokenLogprob[] sampled = new TokenLogprob[64];
    private TokenLogprob[] top = new TokenLogprob[64 * MaxTop];
    private int[] topCounts = new int[64];
    private int rows;
    private Lane onLane;
    private long number;
    private TimeSpan duration;
    private PagedStep? previous;
    private SmSplit? split;

    private const int MaxTop = 4;

    private static readonly int[] Unknown = [-1];

    /// <summary>A run of positions of one sequence. Feedback is the row of the previous step whose token is the input.</summary>
    private readonly record struct Work(
        int Slot, int Offset, int Count, bool Samples, int FirstPage, int PageCount, int FirstInput, int? Feedback, SamplingParams Sampling, int OutputStart);

    public bool WasRead { get; private set; }

    public void Capture(Lane onLane, long stepNumber, StepPlan plan, PagedRunner runner, PagedStep? before)
    {
        this.onLane = onLane;
        number = stepNumber;
        previous = before;
        WasRead = false;
        rows = 0;
        work.Clear();
        pages.Clear();
        inputs.Clear();
        duration = runner.Cost(onLane, plan);
        split = plan.Split;
        if (split is { } parts && !runner.Info.Splits.Contains(parts)) lane.Misuse($"no such split: {parts}");
        lane.CheckSlices(plan, runner.Model.LayerCount);
        if (plan.IsEmpty) lane.Misuse("an empty step");
        if (plan.TokenCount > runner.Info.MaxTokens) lane.Misuse($"{plan.TokenCount} positions in one step");
        for (var i = 0; i < plan.Prefill.Count; i++)
        {
            var segment = plan.Prefill[i];
            var tokens = segment.Sequence.Tokens.Slice(segment.Offset, segment.Count);
            var isWhole = segment.Layers is not { } layers || layers.End == runner.Model.LayerCount;
            if (segment.Samples != (isWhole && segment.Offset + segment.Count == segment.Sequence.TokenCount)) lane.Misuse("a segment samples before its end");
            Add(segment.Sequence, segment.Offset, tokens, segment.Samples, null);
        }

        for (var i = 0; i < plan.Decode.Count; i++)
        {
            var row = plan.Decode[i];
            if (row.Input == DecodeInput.Known)
            {
                if (row.Position != row.Sequence.TokenCount - 1) lane.Misuse($"a known row at {row.Position} of {row.Sequence.TokenCount} tokens");
                Add(row.Sequence, row.Position, row.Sequence.Tokens.Slice(row.Position, 1), true, null);
                continue;
            }

            var feedback = before?.RowOf(row.Sequence.Slot, row.Position);
            if (feedback is null) lane.Misuse("a row wants a token that the previous step doesn't sample");
            Add(row.Sequence, row.Position, Unknown, true, feedback);
        }

        if (rows > runner.Info.MaxRows) lane.Misuse($"{rows} rows in one step");
    }

    public void Execute(long[] cells)
    {
        var row = 0;
        foreach (var item in work)
        {
            for (var i = 0; i < item.Count; i++)
            {
                var token = item.Feedback is { } source ? previous!.sampled[source].TokenId : inputs[item.FirstInput + i];
                cells[Cell(item, item.Offset + i)] = Pack(item.Offset + i, token);
            }
        }

        foreach (var item in work)
        {
            if (!item.Samples) continue;
            var hash = PagedModel.Start;
            for (var position = 0; position < item.Offset + item.Count; position++)
            {
                var cell = cells[Cell(item, position)];
                if (cell >> 32 != position) lane.Misuse($"slot {item.Slot} reads position {position} and finds {cell >> 32}");
                hash = PagedModel.Absorb(hash, (int)cell);
            }

            var token = lane.Sample(hash, item.Sampling, item.Offset + item.Count - item.OutputStart);
            sampled[row] = token;
            topCounts[row] = Math.Min(item.Sampling.TopLogprobs ?? 0, MaxTop);
            for (var i = 0; i < topCounts[row]; i++) top[row * MaxTop + i] = new TokenLogprob(token.TokenId + i, token.Logprob - i);
            row++;
        }
    }

    public override bool IsCompleted => lane.HasExecuted(number);

    public override void Wait()
    {
        lane.Waiting(onLane);
        lane.ExecuteThrough(number);
        WasRead = true;
    }

    public override ReadOnlySpan<TokenLogprob> Sampled =>
        WasRead ? sampled.AsSpan(0, rows) : throw new InvalidOperationException("The step was not waited for.");

    public override ReadOnlySpan<TokenLogprob> TopLogprobs(int row) => top.AsSpan(row * MaxTop, topCounts[row]);

    public override ReadOnlySpan<float> Logits(int row) => throw new InvalidOperationException("No logits were asked for.");

    public override int Processors => split is not { } parts ? PagedRunner.Processors : onLane == Lane.Decode ? parts.Decode : parts.Prefill;

    public override TimeSpan Duration => duration;

    private void Add(Sequence sequence, int offset, ReadOnlySpan<int> tokens, bool samples, int? feedback)
    {
        foreach (var item in work)
            if (item.Slot == sequence.Slot) lane.Misuse($"slot {item.Slot} is in one step twice");
        if (sequence.PageCount * PageId.Size < offset + tokens.Length) lane.Misuse($"position {offset + tokens.Length - 1} has no page");
        work.Add(new Work(
            sequence.Slot, offset, tokens.Length, samples, pages.Count, sequence.PageCount, inputs.Count, feedback, sequence.Sampling, sequence.OutputStart));
        foreach (var page in sequence.Pages) pages.Add(page);
        foreach (var token in tokens) inputs.Add(token);
        if (!samples) return;
        if (++rows <= sampled.Length) return;
        Array.Resize(ref sampled, 2 * rows);
        Array.Resize(ref topCounts, 2 * rows);
        Array.Resize(ref top, 2 * rows * MaxTop);
    }

    /// <summary>The row that samples the token of this position.</summary>
    private int? RowOf(int slot, int position)
    {
        var row = 0;
        for (var i = 0; i < work.Count; i++)
        {
            var item = work[i];
            if (!item.Samples) continue;
            if (item.Slot == slot && item.Offset + item.Count == position) return row;
            row++;
        }

        return null;
    }

    private int Cell(Work item, int position) => pages[item.FirstPage + position / PageId.Size].Value * PageId.Size + position % PageId.Size;

    private static long Pack(int position, int token) => (long)position << 32 | (uint)token;
}
