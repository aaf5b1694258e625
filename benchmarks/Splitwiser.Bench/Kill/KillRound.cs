namespace Splitwiser.Bench.Kill;

/// <summary>What came of one kill.</summary>
/// <param name="Share">Of all tokens, those that had come.</param>
/// <param name="Open">Streams that had not ended then.</param>
/// <param name="OnVictim">Streams that had begun on the killed silo's device.</param>
/// <param name="Exact">Streams that ended with the tokens and the text of the undisturbed run.</param>
/// <param name="WorstGap">Of all streams, in seconds.</param>
/// <param name="MedianGap">Of the worst gaps of the streams, in seconds.</param>
/// <param name="LeakedPages">Leased on the survivors after the last stream.</param>
/// <param name="Seconds">From the kill until the last stream had ended.</param>
/// <param name="Stall">Longest time that the machine itself stood still meanwhile, in seconds: what it lengthens, no tuning shortens.</param>
internal sealed record KillRound(string Victim, double Share, int Open, int OnVictim, int Exact, double WorstGap, double MedianGap, int LeakedPages, double Seconds, double Stall, string? FirstError)
{
    /// <summary>The machine went on all the time.</summary>
    public bool IsCalm => Stall < 0.5;

    /// <summary>The whole machine, or all of this, was held for so long that streams ran into deadlines without any kill: it says nothing, and is repeated.</summary>
    public bool IsVoid => Stall >= 2;

    public override string ToString() =>
        $"{Victim} killed behind {Share:P0} of the tokens, {Open} streams open, {OnVictim} had begun there: {Exact} exact, worst gap {WorstGap:0.00} s, median of the streams' {MedianGap:0.00} s, {LeakedPages} pages leaked, over after {Seconds:0.0} s, the machine stalled for {Stall:0.00} s"
        + (FirstError is null ? "" : $"; {FirstError}");
}
