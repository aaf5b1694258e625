using System.Collections.Immutable;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Phases;
using static Splitwiser.Gpu.Phases.PhaseSharing;

namespace Splitwiser.Device.Tests;

/// <summary>
/// A device with known laws on which both phases always have work, and the controller that learns them: no threads, no clock.
/// The laws are fitted to what one H100 did at three operating points, measured with torch and cuBLAS.
/// </summary>
/// <param name="Decode">Seconds of a decode step alone.</param>
/// <param name="Token">Seconds of a prompt token alone.</param>
/// <param name="MixedStart">A mixed step of c tokens takes this plus c times <paramref name="MixedSlope"/> longer than the decode step, no less than nothing: a few tokens ride along with the weights.</param>
/// <param name="Streams">Slow-downs of plain streams.</param>
/// <param name="DecodeBySplit">In a split, decode takes 1 + this / share^1.2 times as long.</param>
/// <param name="PrefillInSplit">In a split, prefill runs at this rate times its share.</param>
internal sealed record PhaseLaws(
    int Rows, int Context, double Decode, double Token, double MixedStart, double MixedSlope, Slowdown Streams, double DecodeBySplit, double PrefillInSplit, double Target)
{
    private const int Processors = 132;

    public static readonly PhaseLaws Llama8B = new(64, 64 * 1024, 10.7e-3, 25.7e-6, -2.0e-3, 21.9e-6, new(5.23, 1.15), 0.156, 0.80, 16.3e-3);
    public static readonly PhaseLaws Llama8BLong = new(32, 32 * 4096, 13.9e-3, 27.95e-6, -1.5e-3, 20.3e-6, new(10.4, 1.06), 0.1245, 0.937, 23.4e-3);
    public static readonly PhaseLaws Llama1B = new(64, 64 * 1024, 2.73e-3, 4.44e-6, -0.3e-3, 4.04e-6, new(3.92, 1.18), 0.171, 0.88, 4.3e-3);

    public static readonly ImmutableArray<Mechanism> Mechanisms = [new(Turns), new(Mixed), new(SideBySide), .. SmSplit.For(Processors).Select(split => new Mechanism(Partition, split))];

    public Slowdown Beside(Mechanism mechanism) => mechanism.Split is not { } split ? Streams
        : new Slowdown(1 + DecodeBySplit / Math.Pow(split.Decode / (double)Processors, 1.2), Processors / (PrefillInSplit * split.Prefill));

    public double MixedStep(int tokens) => Decode + Math.Max(0, MixedStart + MixedSlope * tokens);

    /// <summary>Seconds between tokens and prompt tokens per second.</summary>
    public (double Gap, double Rate) Of(Mechanism mechanism, int tokens)
    {
        if (mechanism.IsSideBySide) return (Decode * Beside(mechanism).Decode, 1 / (Token * Beside(mechanism).Prefill));
        var gap = mechanism.Sharing == Turns ? Decode + tokens * Token : MixedStep(tokens);
        return (gap, tokens / gap);
    }

    /// <summary>The most that any fixed mode, split and slice prefills within the target.</summary>
    public (Mechanism Mechanism, double Rate) Best()
    {
        var fixedModes = from mechanism in Mechanisms
                         from tokens in mechanism.IsSideBySide ? [8192] : Enumerable.Range(1, 256).Select(pages => 32 * pages)
                         let forecast = Of(mechanism, tokens)
                         where forecast.Gap <= Target
                         select (mechanism, forecast.Rate);
        return fixedModes.MaxBy(mode => mode.Rate);
    }
}

/// <summary>What the adaptive mode did there.</summary>
internal sealed class PhaseSimulation(PhaseLaws laws, double noise, int seed)
{
    private readonly Random random = new(seed);
    private readonly StepCosts costs = new(PhaseLaws.Mechanisms);
    private readonly List<double> gaps = [];
    private PhaseChoice choice = new(PhaseLaws.Mechanisms[0], 8192);
    private double seconds, tokens;

    public double Rate => tokens / seconds;

    /// <summary>Changes of the mechanism.</summary>
    public int Changes { get; private set; }

    /// <summary>Time by mechanism.</summary>
    public Dictionary<Mechanism, double> Shares { get; } = [];

    public StepCosts Costs => costs;

    public double Gap(double share) => gaps.Order().ElementAt((int)(share * (gaps.Count - 1)));

    public void Forget()
    {
        (seconds, tokens, Changes) = (0, 0, 0);
        gaps.Clear();
        Shares.Clear();
    }

    public void Run(int decisions)
    {
        for (var i = 0; i < decisions; i++)
        {
            var next = PhasePolicy.Choose(PhaseLaws.Mechanisms, choice, costs.For(laws.Rows, laws.Context), new PhaseTargets(laws.Target, 1e9), 8192, waiting: 8192);
            if (next.Mechanism != choice.Mechanism) Changes++;
            choice = next;
            var (gap, computed) = Step();
            gaps.Add(gap);
            seconds += gap;
            tokens += computed;
            Shares[choice.Mechanism] = Shares.GetValueOrDefault(choice.Mechanism) + gap;
        }
    }

    /// <summary>What happens between two tokens of a sequence.</summary>
    private (double Gap, double Tokens) Step()
    {
        var slice = choice.PrefillTokens;
        switch (choice.Sharing)
        {
            case Turns:
                return (Decoded(laws.Decode, null) + Prefilled(slice, laws.Token * slice, null), slice);
            case Mixed:
                var mixed = Noisy(laws.MixedStep(slice));
                costs.Observe(new StepSample(StepKind.Mixed, slice, laws.Rows, laws.Context, mixed));
                return (mixed, slice);
            default:
                var beside = laws.Beside(choice.Mechanism);
                var gap = Decoded(laws.Decode * beside.Decode, choice.Mechanism);
                var computed = gap / (laws.Token * beside.Prefill);
                Prefilled(computed, gap, choice.Mechanism);
                return (gap, computed);
        }
    }

    private double Decoded(double took, Mechanism? beside)
    {
        took = Noisy(took);
        costs.Observe(new StepSample(StepKind.Decode, 0, laws.Rows, laws.Context, took, beside));
        return took;
    }

    private double Prefilled(double count, double took, Mechanism? beside)
    {
        took = Noisy(took);
        costs.Observe(new StepSample(StepKind.Prefill, count, 0, 0, took, beside));
        return took;
    }

    private double Noisy(double value) => value * (1 + noise * (2 * random.NextDouble() - 1));
}
