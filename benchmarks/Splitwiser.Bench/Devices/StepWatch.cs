using System.Diagnostics;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Bench.Devices;

/// <summary>
/// A runner that notes every step: when it was launched and known to be done, what it held, and how a sequence went from its prompt's last
/// step to its first decode step. Owns nothing: the runner below is its opener's.
/// </summary>
internal sealed class StepWatch(IModelRunner runner) : IModelRunner
{
    private readonly object gate = new();
    private readonly List<StepRecord> steps = [];
    private readonly List<HandoffRecord> handoffs = [];
    private readonly Dictionary<Sequence, Sampled> sampled = [];        // prompts that are done and not decoded yet
    private readonly Dictionary<Sequence, PageId[]> sampling = [];      // those whose last step is under way, and the pages that it wrote
    private readonly long[] lastCompleted = new long[Enum.GetValues<Lane>().Length];

    /// <summary>A step with this many prompt positions is being launched. On a lane's thread.</summary>
    public Action<int>? PrefillLaunched { get; set; }

    /// <summary>
    /// Steps of prompts alone are answered without computing them, at this cost for a token: fills a cache with pages whose contents nobody minds.
    /// No sequence may decode meanwhile.
    /// </summary>
    public TimeSpan? PretendedTokenTime { get; set; }

    public ModelConfig Model => runner.Model;

    public RunnerInfo Info => runner.Info;

    public void Copy(CopyDirection direction, ReadOnlySpan<PageCopy> copies) => runner.Copy(direction, copies);

    public StepResult Run(Lane lane, StepPlan plan)
    {
        var record = StepRecord.Of(lane, plan, Model.LayerCount);
        if (PretendedTokenTime is { } tokenTime && plan.Decode.Count == 0) return new PretendedResult(record.SampledRows, tokenTime * plan.TokenCount);
        NoteFirstDecodes(plan, record.Launched);
        var finishing = Finishing(plan);
        if (record.PrefillTokens > 0) PrefillLaunched?.Invoke(record.PrefillTokens);
        if (finishing.Length > 0) NoteSampling(finishing);
        var result = runner.Run(lane, plan);
        return new WatchedResult(result, done => Note(record, finishing, result, done));
    }

    /// <summary>Forgets what was noted so far.</summary>
    public void Begin()
    {
        lock (gate)
        {
            steps.Clear();
            handoffs.Clear();
        }
    }

    /// <summary>Steps that are known to be done since <see cref="Begin"/>, in that order.</summary>
    public StepRecord[] Steps
    {
        get { lock (gate) return [.. steps]; }
    }

    public HandoffRecord[] Handoffs
    {
        get { lock (gate) return [.. handoffs]; }
    }

    public void Dispose()
    {
    }

    /// <summary>Sequences that decode after this step: those that may have more than their first token.</summary>
    private static Sequence[] Finishing(StepPlan plan)
    {
        List<Sequence>? finishing = null;
        foreach (var segment in plan.Prefill)
            if (segment.Samples && segment.Sequence.Capacity > segment.Sequence.TokenCount + 1) (finishing ??= []).Add(segment.Sequence);
        return finishing is null ? [] : [.. finishing];
    }

    private void NoteSampling(Sequence[] finishing)
    {
        lock (gate)
            foreach (var sequence in finishing) sampling[sequence] = [.. sequence.Pages];
    }

    /// <summary>A first decode step that follows its prompt's last on the device is launched before the host knows of the first token: no time passes.</summary>
    private void NoteFirstDecodes(StepPlan plan, long launched)
    {
        if (plan.Decode.Count == 0) return;
        lock (gate)
        {
            if (sampled.Count + sampling.Count == 0) return;
            foreach (var row in plan.Decode)
            {
                if (sampling.Remove(row.Sequence, out var pages)) handoffs.Add(HandoffRecord.Of(row.Sequence, TimeSpan.Zero, pages));
                else if (sampled.Remove(row.Sequence, out var before)) handoffs.Add(HandoffRecord.Of(row.Sequence, Stopwatch.GetElapsedTime(before.At, launched), before.Pages));
            }
        }
    }

    private void Note(StepRecord record, Sequence[] finishing, StepResult result, bool wasDone)
    {
        var now = Stopwatch.GetTimestamp();
        var duration = result.Duration;
        lock (gate)
        {
            // A step that had ended before anybody looked has ended when its work was done.
            var end = Math.Max(record.Launched, lastCompleted[(int)record.Lane]) + (long)(duration.TotalSeconds * Stopwatch.Frequency);
            var completed = wasDone ? Math.Min(now, end) : now;
            lastCompleted[(int)record.Lane] = completed;
            steps.Add(record with { Completed = completed, Duration = duration });
            foreach (var sequence in finishing)
                if (sampling.Remove(sequence, out var pages)) sampled[sequence] = new Sampled(completed, pages);
        }
    }

    private readonly record struct Sampled(long At, PageId[] Pages);

    /// <summary>Tells when a step is known to be done.</summary>
    /// <param name="done">Told once, whether the step was done before anybody waited.</param>
    private sealed class WatchedResult(StepResult result, Action<bool> done) : StepResult
    {
        private bool told;

        public override bool IsCompleted => result.IsCompleted;

        public override ReadOnlySpan<TokenLogprob> Sampled => result.Sampled;

        public override TimeSpan Duration => result.Duration;

        public override int Processors => result.Processors;

        public override bool IsTypical => result.IsTypical;

        public override void Wait()
        {
            var was = result.IsCompleted;
            result.Wait();
            if (told) return;
            told = true;
            done(was);
        }

        public override ReadOnlySpan<TokenLogprob> TopLogprobs(int row) => result.TopLogprobs(row);

        public override ReadOnlySpan<float> Logits(int row) => result.Logits(row);
    }

    private sealed class PretendedResult(int rows, TimeSpan duration) : StepResult
    {
        private readonly TokenLogprob[] sampled = new TokenLogprob[rows];

        public override bool IsCompleted => true;

        public override ReadOnlySpan<TokenLogprob> Sampled => sampled;

        public override TimeSpan Duration => duration;

        public override void Wait()
        {
        }

        public override ReadOnlySpan<TokenLogprob> TopLogprobs(int row) => [];

        public override ReadOnlySpan<float> Logits(int row) => throw new InvalidOperationException("Nothing was computed.");
    }
}

/// <summary>A sequence on its way from prompt to output.</summary>
/// <param name="ToFirstDecode">From its first token to the launch of the first decode step that it is in.</param>
/// <param name="Moved">Pages that its first decode step reads elsewhere than its prompt was written.</param>
internal readonly record struct HandoffRecord(TimeSpan ToFirstDecode, int Pages, int Moved)
{
    /// <param name="before">The pages that its prompt was written to.</param>
    public static HandoffRecord Of(Sequence sequence, TimeSpan toFirstDecode, PageId[] before)
    {
        var moved = 0;
        for (var i = 0; i < before.Length; i++)
            if (i >= sequence.PageCount || sequence.Pages[i] != before[i]) moved++;
        return new HandoffRecord(toFirstDecode, before.Length, moved);
    }
}
