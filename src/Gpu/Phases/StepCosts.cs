using System.Numerics;

namespace Splitwiser.Gpu.Phases;

/// <summary>What steps cost on this device, learned from those that ran: what <see cref="PhasePolicy"/> decides by.</summary>
internal sealed class StepCosts
{
    /// <summary>After this many steps without a sample a mechanism's cost counts as unknown, and it is tried again.</summary>
    private const int Memory = 2048;

    private readonly Average[] decodeStep = new Average[32];    // by the power of two of its rows
    private Average prefillToken;
    private Average mixedToken;
    private Average decodeSlowdown;
    private Average prefillSlowdown;
    private long steps;

    /// <summary>Learns from a step.</summary>
    /// <param name="seconds">That the device spent on it.</param>
    /// <param name="accompanied">The other lane ran beside it from beginning to end; null when only in part.</param>
    public void Observe(StepKind kind, int prefillTokens, int decodeRows, double seconds, bool? accompanied)
    {
        steps++;
        if (seconds <= 0) return;
        switch (kind, accompanied)
        {
            case (StepKind.Decode, false): decodeStep[Size(decodeRows)].Add(seconds, 1, steps); break;
            case (StepKind.Prefill, false): prefillToken.Add(seconds, prefillTokens, steps); break;
            case (StepKind.Mixed, false) when DecodeStep(decodeRows) is { } decode:
                mixedToken.Add(Math.Max(seconds - decode, 0), prefillTokens, steps);
                break;
            case (StepKind.Decode, true) when DecodeStep(decodeRows) is { } alone: decodeSlowdown.Add(seconds, alone, steps); break;
            case (StepKind.Prefill, true) when prefillToken.Value is { } token: prefillSlowdown.Add(seconds, token * prefillTokens, steps); break;
        }
    }

    /// <summary>The costs for a decode step of this many rows.</summary>
    public PhaseCosts For(int decodeRows) => new(
        DecodeStep(decodeRows), prefillToken.Value, mixedToken.Lately(steps), decodeSlowdown.Lately(steps), prefillSlowdown.Lately(steps));

    /// <summary>Of the nearest size that was measured: decode is bound by reading weights, so neighbours cost about the same.</summary>
    private double? DecodeStep(int rows)
    {
        var size = Size(rows);
        for (var distance = 0; distance < decodeStep.Length; distance++)
        {
            if (size + distance < decodeStep.Length && decodeStep[size + distance].Value is { } larger) return larger;
            if (size - distance >= 0 && decodeStep[size - distance].Value is { } smaller) return smaller;
        }

        return null;
    }

    private static int Size(int rows) => BitOperations.Log2((uint)Math.Max(1, rows));

    /// <summary>A ratio of sums in which older samples fade.</summary>
    private struct Average
    {
        private const double Fade = 0.9;

        private double amount;
        private double weight;
        private long lastSample;

        public readonly double? Value => weight > 0 ? amount / weight : null;

        public readonly double? Lately(long now) => now - lastSample <= Memory ? Value : null;

        public void Add(double sample, double sampleWeight, long now)
        {
            amount = Fade * amount + sample;
            weight = Fade * weight + sampleWeight;
            lastSample = now;
        }
    }
}
