using System.Collections.Immutable;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// What steps cost on this device, learned from those that ran: none is run for the sake of learning. What was never measured is guessed, and
/// what was not measured lately is thought a little better by and by, so that whatever could be the best gets its turn.
/// </summary>
internal sealed class StepCosts
{
    /// <summary>After so many steps without a sample a cost is thought this much better, and so on, down to the least.</summary>
    private const int Memory = 8192;

    private const double Optimism = 0.9, MostOptimism = 0.5;

    /// <summary>A guess is thought this much better, so that a split is tried where it might do; less so once another was measured.</summary>
    private const double GuessOptimism = 0.93, CorrectedOptimism = 0.98;

    /// <summary>What a prompt token adds to a mixed step, of what it costs alone, until it was measured: better than it turns out.</summary>
    private const double MixedGuess = 0.55;

    private readonly ImmutableArray<Mechanism> mechanisms;
    private readonly FadingRatio[] decodeSlowdowns;     // by mechanism
    private readonly FadingRatio[] prefillSlowdowns;
    private readonly Slowdown[] beside;                 // by mechanism: the last answer
    private readonly DecodeTime decode = new();
    private FadingRatio prefillToken;
    private FadingRatio mixedToken;
    private long steps;

    public StepCosts(ImmutableArray<Mechanism> mechanisms)
    {
        this.mechanisms = mechanisms;
        decodeSlowdowns = new FadingRatio[mechanisms.Length];
        prefillSlowdowns = new FadingRatio[mechanisms.Length];
        beside = new Slowdown[mechanisms.Length];
    }

    /// <summary>What a prompt token costs alone; null before the first.</summary>
    public double? PrefillToken => prefillToken.Value;

    /// <summary>Learns from a step.</summary>
    public void Observe(in StepSample step)
    {
        steps++;
        if (step.Seconds <= 0) return;
        switch (step.Kind, step.Beside)
        {
            case (StepKind.Decode, null): decode.Observe(step.Rows, step.Context, step.Seconds, steps); break;
            case (StepKind.Prefill, null): prefillToken = prefillToken.With(step.Seconds, step.PrefillTokens, steps); break;
            case (StepKind.Mixed, null) when decode.Of(step.Rows, step.Context) is { } alone:
                mixedToken = mixedToken.With(Math.Max(step.Seconds - alone, 0), step.PrefillTokens, steps);
                break;
            case (StepKind.Decode, { } mechanism) when decode.Of(step.Rows, step.Context) is { } alone && mechanisms.IndexOf(mechanism) is >= 0 and var at:
                decodeSlowdowns[at] = decodeSlowdowns[at].With(step.Seconds, alone, steps);
                break;
            case (StepKind.Prefill, { } mechanism) when prefillToken.Value is { } token && mechanisms.IndexOf(mechanism) is >= 0 and var at:
                prefillSlowdowns[at] = prefillSlowdowns[at].With(step.Seconds, token * step.PrefillTokens, steps);
                break;
        }
    }

    /// <summary>The costs beside a decode step of so many rows with so many tokens in their contexts. Valid until the next call.</summary>
    public PhaseCosts For(int rows, long context)
    {
        for (var i = 0; i < mechanisms.Length; i++)
            if (mechanisms[i].IsSideBySide) beside[i] = new Slowdown(Estimate(decodeSlowdowns, i, guess => guess.Decode), Estimate(prefillSlowdowns, i, guess => guess.Prefill));
        var mixed = mixedToken.Value is { } measured ? measured * Lately(mixedToken) : (prefillToken.Value ?? 0) * MixedGuess;
        return new PhaseCosts(decode.Of(rows, context), prefillToken.Value, mixed, beside);
    }

    /// <summary>What it has learned, to be kept.</summary>
    public StepCostsRecord Record() => new(decode.Record(), prefillToken, mixedToken, [.. mechanisms.Select((mechanism, i) => new MechanismRecord(mechanism, decodeSlowdowns[i], prefillSlowdowns[i]))]);

    /// <summary>Goes on from there. Mechanisms that are not here are left out.</summary>
    public void Restore(StepCostsRecord record)
    {
        decode.Restore(record.Decode);
        (prefillToken, mixedToken) = (record.PrefillToken with { LastSample = 0 }, record.MixedToken with { LastSample = 0 });
        foreach (var known in record.Mechanisms)
        {
            if (mechanisms.IndexOf(known.Mechanism) is not (>= 0 and var at)) continue;
            decodeSlowdowns[at] = known.Decode with { LastSample = 0 };
            prefillSlowdowns[at] = known.Prefill with { LastSample = 0 };
        }
    }

    /// <summary>Measured; for a split that was not, the guess, corrected by how far it was wrong at the nearest split that was.</summary>
    private double Estimate(FadingRatio[] measured, int at, Func<Slowdown, double> of)
    {
        if (measured[at].Value is { } known) return known * Lately(measured[at]);
        var guess = of(SlowdownGuess.Of(mechanisms[at]));
        if (mechanisms[at].Split is not { } split) return guess;
        var (nearest, distance) = (-1, int.MaxValue);
        for (var i = 0; i < mechanisms.Length; i++)
        {
            if (measured[i].Value is null || mechanisms[i].Split is not { } other || Math.Abs(other.Decode - split.Decode) >= distance) continue;
            (nearest, distance) = (i, Math.Abs(other.Decode - split.Decode));
        }

        return nearest < 0 ? guess * GuessOptimism : guess * CorrectedOptimism * measured[nearest].Value!.Value / of(SlowdownGuess.Of(mechanisms[nearest]));
    }

    private double Lately(in FadingRatio ratio) => Math.Max(MostOptimism, Math.Pow(Optimism, (steps - ratio.LastSample) / Memory));
}

/// <summary>A step that ran.</summary>
/// <param name="PrefillTokens">Prompt positions; a slice of the layers counts for its share of them.</param>
/// <param name="Context">Tokens in the contexts of its decode rows.</param>
/// <param name="Seconds">That the device spent on it.</param>
/// <param name="Beside">By which mechanism the other lane ran beside it from beginning to end; null when it had the device for itself.</param>
internal readonly record struct StepSample(StepKind Kind, double PrefillTokens, int Rows, long Context, double Seconds, Mechanism? Beside = null);

/// <summary>What <see cref="StepCosts"/> has learned.</summary>
internal sealed record StepCostsRecord(DecodeTimeRecord Decode, FadingRatio PrefillToken, FadingRatio MixedToken, MechanismRecord[] Mechanisms);

/// <summary>The same of one mechanism.</summary>
internal sealed record MechanismRecord(Mechanism Mechanism, FadingRatio Decode, FadingRatio Prefill);
