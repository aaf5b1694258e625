using System.Collections.Immutable;
using System.Text;
using static System.FormattableString;

namespace Splitwiser.Gpu.Phases;

/// <summary>What steps of the present size cost, as far as it is known: what <see cref="PhasePolicy"/> decides by.</summary>
/// <param name="DecodeStep">Seconds of a decode step that has the device for itself; null before the first.</param>
/// <param name="PrefillToken">Seconds per prompt token of a large step that has the device for itself; null before the first.</param>
/// <param name="MixedToken">Seconds that a prompt token adds to a mixed step, whatever its size.</param>
/// <param name="Beside">How many times longer each phase takes beside the other, for each mechanism in the order of the choice; read where both lanes run at once.</param>
internal readonly record struct PhaseCosts(double? DecodeStep, double? PrefillToken, double MixedToken, ReadOnlyMemory<Slowdown> Beside)
{
    /// <summary>The same as <paramref name="PrefillToken"/> for steps of any size; null where it is the same for all.</summary>
    public PrefillTime? Slices { get; init; }

    /// <summary>What prompt tokens add to mixed steps of any size; null where it is <paramref name="MixedToken"/> for all.</summary>
    public PrefillTime? MixedSizes { get; init; }

    /// <summary>Of what mixed steps were measured to cost: how much better they are thought.</summary>
    public double MixedHope { get; init; } = 1;

    /// <summary>What one of the next positions takes beside one at a prompt's beginning.</summary>
    public double Work { get; init; } = 1;

    public double SliceToken(int positions) => Work * Slices?.TokenOf(positions) ?? PrefillToken!.Value;

    public double MixedTokenOf(int positions) => Work * MixedHope * MixedSizes?.TokenOf(positions) ?? MixedToken;

    /// <summary>For the log.</summary>
    public string Describe(ImmutableArray<Mechanism> mechanisms)
    {
        var text = new StringBuilder().Append(Invariant($"decode step {DecodeStep * 1e3:0.00} ms, prompt token {PrefillToken * 1e6:0.00} us, in a mixed step of 256, 512, 1024 {MixedTokenOf(256) * 1e6:0.00}, {MixedTokenOf(512) * 1e6:0.00}, {MixedTokenOf(1024) * 1e6:0.00} us"));
        for (var i = 0; i < mechanisms.Length; i++)
            if (mechanisms[i].IsSideBySide) text.Append(Invariant($"; {mechanisms[i]}: decode {Beside.Span[i].Decode:0.00}, prefill {Beside.Span[i].Prefill:0.00} times as long"));
        return text.ToString();
    }
}

/// <summary>How many times longer a phase's step takes beside the other phase's.</summary>
internal readonly record struct Slowdown(double Decode, double Prefill);
