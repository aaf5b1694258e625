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

    /// <summary>The same while there were few samples: the first may have been unlucky.</summary>
    private const int ShortMemory = 512, FewSamples = 8;

    private const double Optimism = 0.9, MostOptimism = 0.5;

    /// <summary>A guess is thought this much better, so that a split is tried where it might do; less so once another was measured.</summary>
    private const double GuessOptimism = 0.93, CorrectedOptimism = 0.97;

    /// <summary>One step counts for no more than this many times what was expected of it: a step that was held up by something else must not rule a mechanism out.</summary>
    private const double Plausible = 1.3;

    /// <summary>What a prompt token adds to a mixed step, of what it costs alone, until it was measured: better than it turns out.</summary>
    private const double MixedGuess = 0.55;

    private readonly ImmutableArray<Mechanism> mechanisms;
    private readonly FadingRatio[] decodeSlowdowns;     // by mechanism
    private readonly FadingRatio[] prefillTokens;       // by mechanism: seconds, not ratios, whatever is learned of prompts alone later
    private readonly Slowdown[] beside;                 // by mechanism: the last answer
    private readonly DecodeTime decode = new();
    private readonly PrefillTime prefill = new(constantShare: 0.8);
    private readonly PrefillTime mixed = new(constantShare: 0);
    private FadingRatio mixedToken;
    private long steps;

    public StepCosts(ImmutableArray<Mechanism> mechanisms)
    {
        this.mechanisms = mechanisms;
        decodeSlowdowns = new FadingRatio[mechanisms.Length];
        prefillTokens = new FadingRatio[mechanisms.Length];
        beside = new Slowdown[mechanisms.Length];
    }

    /// <summary>What a prompt token costs alone in a step of so many positions; null before the first.</summary>
    public double? PrefillToken(int positions) => prefill.TokenOf(positions);

    /// <summary>Learns from a step.</summary>
    public void Observe(in StepSample step)
    {
        steps++;
        if (step.Seconds <= 0) return;
        switch (step.Kind, step.Beside)
        {
            case (StepKind.Decode, null): decode.Observe(step.Rows, step.Context, step.Seconds, steps); break;
            case (StepKind.Prefill, null): prefill.Observe(step.PrefillTokens, step.Work, step.Seconds, steps); break;
            case (StepKind.Mixed, null) when decode.Of(step.Rows, step.Context) is { } alone:
                var added = Math.Max(step.Seconds - alone, 0);
                mixedToken = mixedToken.With(added, step.Work, steps);
                mixed.Observe(step.PrefillTokens, step.Work, added, steps);
                break;
            case (StepKind.Decode, { } mechanism) when decode.Of(step.Rows, step.Context) is { } alone && mechanisms.IndexOf(mechanism) is >= 0 and var at:
                decodeSlowdowns[at] = decodeSlowdowns[at].With(Math.Min(step.Seconds, Plausible * alone * DecodeSlowdown(at, hopes: true)), alone, steps);
                break;
            case (StepKind.Prefill, { } mechanism) when prefill.Token is { } token && mechanisms.IndexOf(mechanism) is >= 0 and var at:
                prefillTokens[at] = prefillTokens[at].With(Math.Min(step.Seconds, Plausible * step.Work * TokenBeside(at, token, hopes: true)), step.Work, steps);
                break;
        }
    }

    /// <summary>The costs beside a decode step of so many rows with so many tokens in their contexts. Valid until the next call.</summary>
    /// <param name="work">Of one of the next prompt positions (<see cref="PromptWork"/>).</param>
    /// <param name="hopes">What is guessed, or was not measured lately, is thought better than it is known to be.</param>
    public PhaseCosts For(int rows, long context, double work, bool hopes = true)
    {
        var token = prefill.Token;
        for (var i = 0; i < mechanisms.Length; i++)
            if (mechanisms[i].IsSideBySide) beside[i] = new Slowdown(DecodeSlowdown(i, hopes), token is { } alone ? TokenBeside(i, alone, hopes) / alone : 1);
        var hope = Lately(mixedToken, hopes);
        var each = mixedToken.Value is { } measured ? measured * hope : (token ?? 0) * MixedGuess;
        return new PhaseCosts(decode.Of(rows, context), work * token, work * each, beside) { Slices = prefill, MixedSizes = mixed, MixedHope = hope, Work = work };
    }

    /// <summary>What it has learned, to be kept.</summary>
    public StepCostsRecord Record() => new(decode.Record(), prefill.Record(), mixedToken, mixed.Record(), [.. mechanisms.Select((mechanism, i) => new MechanismRecord(mechanism, decodeSlowdowns[i], prefillTokens[i]))]);

    /// <summary>Goes on from there. Mechanisms that are not here are left out.</summary>
    public void Restore(StepCostsRecord record)
    {
        decode.Restore(record.Decode);
        prefill.Restore(record.Prefill);
        mixedToken = record.MixedToken with { LastSample = 0 };
        mixed.Restore(record.Mixed);
        foreach (var known in record.Mechanisms)
        {
            if (mechanisms.IndexOf(known.Mechanism) is not (>= 0 and var at)) continue;
            decodeSlowdowns[at] = known.Decode with { LastSample = 0 };
            prefillTokens[at] = known.Prefill with { LastSample = 0 };
        }
    }

    /// <summary>Measured; for a split that was not, the guess, whose excess over no slow-down is corrected by how far that was wrong at the nearest split that was.</summary>
    private double DecodeSlowdown(int at, bool hopes)
    {
        if (decodeSlowdowns[at].Value is { } known) return known * Lately(decodeSlowdowns[at], hopes);
        var guess = SlowdownGuess.Of(mechanisms[at]).Decode;
        if (mechanisms[at].Split is not { } split) return guess;
        if (Nearest(decodeSlowdowns, split) is not { } nearest) return Math.Max(1, guess * Hope(GuessOptimism, hopes));
        return Math.Max(1, Hope(CorrectedOptimism, hopes) * (1 + (guess - 1) * Math.Max(0, decodeSlowdowns[nearest].Value!.Value - 1) / (SlowdownGuess.Of(mechanisms[nearest]).Decode - 1)));
    }

    /// <summary>Seconds of a prompt token there; where it was not measured, by the nearest split that was, or by what it takes alone.</summary>
    private double TokenBeside(int at, double alone, bool hopes)
    {
        if (prefillTokens[at].Value is { } known) return known * Lately(prefillTokens[at], hopes);
        var guess = SlowdownGuess.Of(mechanisms[at]).Prefill;
        if (mechanisms[at].Split is not { } split) return alone * guess;
        if (Nearest(prefillTokens, split) is not { } nearest) return alone * Math.Max(1, guess * Hope(GuessOptimism, hopes));
        return Hope(CorrectedOptimism, hopes) * prefillTokens[nearest].Value!.Value * guess / SlowdownGuess.Of(mechanisms[nearest]).Prefill;
    }

    private int? Nearest(FadingRatio[] measured, SmSplit split)
    {
        int? nearest = null;
        var distance = int.MaxValue;
        for (var i = 0; i < mechanisms.Length; i++)
        {
            if (measured[i].Value is null || mechanisms[i].Split is not { } other || Math.Abs(other.Decode - split.Decode) >= distance) continue;
            (nearest, distance) = (i, Math.Abs(other.Decode - split.Decode));
        }

        return nearest;
    }

    private double Lately(in FadingRatio ratio, bool hopes) =>
        Hope(Math.Max(MostOptimism, Math.Pow(Optimism, (steps - ratio.LastSample) / (ratio.Samples < FewSamples ? ShortMemory : Memory))), hopes);

    private static double Hope(double factor, bool hopes) => hopes ? factor : 1;
}

/// <summary>A step that ran.</summary>
/// <param name="PrefillTokens">Prompt positions.</param>
/// <param name="Work">In them (<see cref="PromptWork"/>); a slice of the layers does its share.</param>
/// <param name="Context">Tokens in the contexts of its decode rows.</param>
/// <param name="Seconds">That the device spent on it.</param>
/// <param name="Beside">By which mechanism the other lane ran beside it from beginning to end; null when it had the device for itself.</param>
internal readonly record struct StepSample(StepKind Kind, int PrefillTokens, double Work, int Rows, long Context, double Seconds, Mechanism? Beside = null);

/// <summary>What <see cref="StepCosts"/> has learned.</summary>
internal sealed record StepCostsRecord(DecodeTimeRecord Decode, FadingRatio[] Prefill, FadingRatio MixedToken, FadingRatio[] Mixed, MechanismRecord[] Mechanisms);

/// <summary>The same of one mechanism.</summary>
internal sealed record MechanismRecord(Mechanism Mechanism, FadingRatio Decode, FadingRatio Prefill);
