using System.Diagnostics;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Bench;

/// <summary>Whole steps of a model of random weights on the CUDA runner: decode at several batch sizes and contexts, prefill at several lengths.</summary>
internal sealed class KernelSteps(CudaRunner runner, KernelLimits? limits, int samples)
{
    private readonly Random random = new(1);
    private int nextPage;

    /// <summary>Steps with the sampled token fed back and two in flight, as the device worker runs them.</summary>
    public IEnumerable<KernelFigure> Decode(params (int Rows, int Context)[] cases) => Decode(null, cases);

    /// <param name="split">Confines them to decode's part; null for the whole device.</param>
    public IEnumerable<KernelFigure> Decode(SmSplit? split, params (int Rows, int Context)[] cases)
    {
        foreach (var (rows, context) in cases)
        {
            if ((long)rows * PageId.CountFor(context + 400) > runner.Info.PageCount || rows > runner.Info.MaxRows) continue;
            nextPage = 0;
            var sequences = Enumerable.Range(0, rows).Select(slot => Start(slot, context, 400)).ToArray();
            var plans = new[] { new StepPlan(), new StepPlan(), new StepPlan() };
            var previous = default(StepResult);
            var ahead = 0;
            var times = new List<double>();
            var mark = Stopwatch.GetTimestamp();
            const int warm = 20, steps = 200;
            for (var step = 0; step < steps; step++)
            {
                var plan = plans[step % plans.Length];
                plan.Clear();
                plan.Split = split;
                foreach (var sequence in sequences) plan.Add(new DecodeRow(sequence, sequence.TokenCount - 1 + ahead, ahead == 0 ? DecodeInput.Known : DecodeInput.PreviousStep));
                var next = runner.Run(Lane.Decode, plan);
                if (previous is not null)
                {
                    previous.Wait();
                    for (var row = 0; row < rows; row++) sequences[row].Append(previous.Sampled[row].TokenId);
                    if (step > warm) times.Add(Stopwatch.GetElapsedTime(mark).TotalSeconds);
                    mark = Stopwatch.GetTimestamp();
                }
                (previous, ahead) = (next, 1);
            }
            previous!.Wait();
            var seconds = Median.Of(times);
            var bytes = WeightBytes + 4.0 * rows * context * runner.Model.KvSize * runner.Model.LayerCount;
            yield return new KernelFigure($"decode step, {rows} x {context}{(split is { } part ? $", on {part.Decode} SMs" : "")}", seconds * 1e3, "ms",
                limits is null ? previous.Duration.TotalMilliseconds : bytes / seconds / limits.BytesPerSecond * 100, limits is null ? "ms on the device" : "% of the read rate");
        }
    }

    /// <summary>Mixed steps: a chunk of a prompt, each step the next one, beside decode rows.</summary>
    public IEnumerable<KernelFigure> Mixed(params (int Chunk, int Prompt, int Rows, int Context)[] cases)
    {
        foreach (var (chunk, prompt, rows, context) in cases)
        {
            if ((long)rows * PageId.CountFor(context + 8) + PageId.CountFor(prompt) > runner.Info.PageCount || rows >= runner.Info.MaxRows) continue;
            nextPage = 0;
            var (read, sequences) = (Start(rows, prompt, 0), Enumerable.Range(0, rows).Select(slot => Start(slot, context, 8)).ToArray());
            var plans = new[] { new StepPlan(), new StepPlan() };
            var (steps, warm) = (4 * prompt / chunk, Math.Max(8, prompt / chunk));
            StepResult? previous = null;
            var started = 0L;
            for (var step = 0; step < warm + steps; step++)
            {
                var plan = plans[step % plans.Length];
                plan.Clear();
                plan.Add(new PrefillSegment(read, step * chunk % prompt, chunk, Samples: false));
                foreach (var sequence in sequences) plan.Add(new DecodeRow(sequence, sequence.TokenCount - 1, DecodeInput.Known));
                var next = runner.Run(Lane.Decode, plan);
                previous?.Wait();
                if (step == warm) started = Stopwatch.GetTimestamp();
                previous = next;
            }
            previous!.Wait();
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds / steps;
            yield return new KernelFigure($"mixed step, {chunk} of {prompt} + {rows} x {context}", seconds * 1e3, "ms", chunk / seconds, "prompt tokens/s");
        }
    }

    public IEnumerable<KernelFigure> Prefill(params int[] lengths)
    {
        foreach (var length in lengths)
        {
            if (length > runner.Info.MaxTokens) continue;
            nextPage = 0;
            var sequence = Start(0, length, 8);
            var plan = new StepPlan();
            plan.Add(new PrefillSegment(sequence, 0, length, Samples: true));
            double Once()
            {
                var started = Stopwatch.GetTimestamp();
                runner.Run(Lane.Prefill, plan).Wait();
                return Stopwatch.GetElapsedTime(started).TotalSeconds;
            }

            for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started).TotalSeconds < 1;) Once();
            var seconds = Median.Of(Enumerable.Range(0, samples).Select(_ => Once()));
            var operations = 2.0 * length * (WeightBytes / 2 - (double)runner.Model.VocabularySize * runner.Model.HiddenSize) + 2.0 * length * length * runner.Model.QuerySize * runner.Model.LayerCount;
            yield return new KernelFigure($"prefill, {length}", seconds * 1e3, "ms", operations / seconds / 1e12, "TFLOP/s");
        }
    }

    private double WeightBytes => 2.0 * runner.Model.LayerCount * runner.Model.WeightsOfLayer() + 2.0 * runner.Model.VocabularySize * runner.Model.HiddenSize;

    private Sequence Start(int slot, int length, int room)
    {
        var tokens = Enumerable.Range(0, length).Select(_ => random.Next(runner.Model.VocabularySize)).ToArray();
        var sequence = new Sequence(slot, tokens, length, SamplingParams.Greedy, length + room);
        while (sequence.PageCount < PageId.CountFor(length + room)) sequence.AddPage(new PageId(nextPage++));
        return sequence;
    }
}
