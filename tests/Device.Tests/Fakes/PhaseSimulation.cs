using System.Collections.Immutable;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Phases;
using static Splitwiser.Gpu.Phases.PhaseSharing;

namespace Splitwiser.Device.Tests;

/// <summary>
/// A device with known laws on which both phases always have work, and the controller that learns them: no threads, no clock.
/// The laws are what one H100 did at three operating points (benchmarks/results/h100/phases-*.json).
/// </summary>
/// <param name="Decode">Seconds of a decode step alone.</param>
/// <param name="Token">Seconds of a prompt token alone.</param>
/// <param name="SliceStart">A turn's slice of c tokens takes this longer than c times <paramref name="Token"/>.</param>
/// <param name="MixedStart">A mixed step of c tokens takes this plus c times <paramref name="MixedSlope"/> longer than the decode step.</param>
/// <param name="Streams">Slow-downs of plain streams.</param>
/// <param name="Splits">Slow-downs on each split, decode's share growing.</param>
internal sealed record PhaseLaws(
    int Rows, int Context, double Decode, double Token, double SliceStart, double MixedStart, double MixedSlope, Slowdown Streams, Slowdown[] Splits, double Target)
{
    private const int Processors = 132;

    public static readonly PhaseLaws Llama8B = new(64, 64 * 1024, 9.59e-3, 24.75e-6, 0.5e-3, -0.42e-3, 26.5e-6, new(3.28, 1.30),
        [new(3.975, 1.198), new(2.798, 1.310), new(2.269, 1.388), new(1.771, 1.535), new(1.63, 1.78), new(1.344, 2.655), new(1.278, 3.386)], 16.3e-3);

    public static readonly PhaseLaws Llama8BLong = new(32, 32 * 4096, 12.53e-3, 27.9e-6, 1.0e-3, 0.5e-3, 30.5e-6, new(3.47, 1.31),
        [new(3.815, 1.170), new(2.595, 1.274), new(2.082, 1.385), new(1.776, 1.542), new(1.582, 1.656), new(1.294, 2.421), new(1.214, 3.463)], 23e-3);

    public static readonly PhaseLaws Llama1B = new(64, 64 * 1024, 2.29e-3, 4.15e-6, 0.7e-3, 0.6e-3, 3.71e-6, new(2.27, 1.504),
        [new(3.319, 1.192), new(2.454, 1.301), new(1.869, 1.584), new(1.590, 1.691), new(1.467, 1.875), new(1.258, 2.645), new(1.227, 3.118)], 4.3e-3);

    public static readonly ImmutableArray<Mechanism> Mechanisms = [new(Turns), new(Mixed), new(SideBySide), .. SmSplit.For(Processors).Select(split => new Mechanism(Partition, split))];

    public Slowdown Beside(Mechanism mechanism) => mechanism.Split is { } split ? Splits[SmSplit.For(Processors).IndexOf(split)] : Streams;

    public double Slice(int tokens) => SliceStart + tokens * Token;

    public double MixedStep(int tokens) => Decode + Math.Max(0, MixedStart + MixedSlope * tokens);

    /// <summary>Seconds between tokens and prompt tokens per second.</summary>
    public (double Gap, double Rate) Of(Mechanism mechanism, int tokens)
    {
        if (mechanism.IsSideBySide) return (Decode * Beside(mechanism).Decode, 1 / (Token * Beside(mechanism).Prefill));
        var gap = mechanism.Sharing == Turns ? Decode + Slice(tokens) : MixedStep(tokens);
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
    private const int LongPrompt = 8192;

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
            var next = PhasePolicy.Choose(PhaseLaws.Mechanisms, choice, costs.For(laws.Rows, laws.Context, 1), new PhaseTargets(laws.Target, 1e9), 8192, new PromptBacklog(16384, 8192));
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
                return (Decoded(laws.Decode, null) + Prefilled(slice, laws.Slice(slice), null), slice);
            case Mixed:
                var mixed = Noisy(laws.MixedStep(slice));
                costs.Observe(new StepSample(StepKind.Mixed, slice, slice, laws.Rows, laws.Context, mixed));
                return (mixed, slice);
            default:
                var beside = laws.Beside(choice.Mechanism);
                var gap = Decoded(laws.Decode * beside.Decode, choice.Mechanism);
                var computed = gap / (laws.Token * beside.Prefill);
                Prefilled(LongPrompt, gap, choice.Mechanism, computed / LongPrompt);
                return (gap, computed);
        }
    }

    private double Decoded(double took, Mechanism? beside)
    {
        took = Noisy(took);
        costs.Observe(new StepSample(StepKind.Decode, 0, 0, laws.Rows, laws.Context, took, beside));
        return took;
    }

    private double Prefilled(int count, double took, Mechanism? beside, double share = 1)
    {
        took = Noisy(took);
        costs.Observe(new StepSample(StepKind.Prefill, count, share * count, 0, 0, took, beside));
        return took;
    }

    private double Noisy(double value) => value * (1 + noise * (2 * random.NextDouble() - 1));
}
