using System.Diagnostics;
using Splitwiser.Bench.Devices;
using static System.FormattableString;

namespace Splitwiser.Bench.Phases;

/// <summary>What one window showed.</summary>
/// <param name="PrefillRate">Prompt tokens a second; 0 where fewer than two steps with prompts ended.</param>
/// <param name="StepP50">Seconds between two decode steps' ends, that is between two tokens of every sequence; 0 where none decoded.</param>
/// <param name="Worst">The longest of them.</param>
/// <param name="DecodeSteps">How many of them there were.</param>
/// <param name="PrefillSteps">Steps with prompts.</param>
internal sealed record PhaseSample(double PrefillRate, double StepP50, double StepP99, double Worst, int DecodeSteps, int PrefillSteps)
{
    /// <summary>How the phases shared the device, by the share of decode steps, the most frequent first.</summary>
    public string SharedBy { get; init; } = "";

    /// <param name="steps">Those of the window.</param>
    /// <param name="decodes">Sequences that decode in every decode step; steps with fewer belong to the time before or after.</param>
    public static PhaseSample Of(IReadOnlyList<StepRecord> steps, int decodes)
    {
        var gaps = Gaps(steps, decodes);
        var prompts = steps.Where(step => step.PrefillTokens > 0).OrderBy(step => step.Completed).ToArray();
        var rate = prompts.Length < 2 ? 0 : prompts.Skip(1).Sum(step => (double)step.PrefillTokens) / Stopwatch.GetElapsedTime(prompts[0].Completed, prompts[^1].Completed).TotalSeconds;
        return gaps.Length == 0 ? new PhaseSample(rate, 0, 0, 0, 0, prompts.Length)
            : new PhaseSample(rate, Percentile.OfSorted(gaps, 0.5), Percentile.OfSorted(gaps, 0.99), gaps[^1], gaps.Length, prompts.Length) { SharedBy = Sharings(steps.Where(step => step.DecodeRows > 0)) };
    }

    /// <summary>Seconds between the ends of decode steps that follow each other, rising; of those gaps that have to do with the time from one timestamp to another.</summary>
    public static double[] Gaps(IReadOnlyList<StepRecord> steps, int decodes, long from = long.MinValue, long to = long.MaxValue)
    {
        var ends = steps.Where(step => decodes > 0 && step.DecodeRows >= decodes).Select(step => step.Completed).Order().ToArray();
        var gaps = ends.Skip(1).Zip(ends).Where(gap => gap.First >= from && gap.Second <= to).Select(gap => Stopwatch.GetElapsedTime(gap.Second, gap.First).TotalSeconds).ToArray();
        Array.Sort(gaps);
        return gaps;
    }

    /// <summary>Medians of several windows; the worst gap of all.</summary>
    public static PhaseSample MedianOf(IReadOnlyList<PhaseSample> samples) => new(
        Median.Of(samples.Select(sample => sample.PrefillRate)), Median.Of(samples.Select(sample => sample.StepP50)), Median.Of(samples.Select(sample => sample.StepP99)),
        samples.Max(sample => sample.Worst), samples.Sum(sample => sample.DecodeSteps), samples.Sum(sample => sample.PrefillSteps));

    private static string Sharings(IEnumerable<StepRecord> decodes)
    {
        var ways = decodes.GroupBy(step => step.Split?.ToString() ?? (step.PrefillTokens > 0 ? "mixed" : "whole card")).Select(way => (way.Key, Steps: way.Count())).OrderByDescending(way => way.Steps).ToArray();
        return string.Join(", ", ways.Select(way => Invariant($"{way.Key} {100.0 * way.Steps / ways.Sum(any => any.Steps):0.#} %")));
    }
}
