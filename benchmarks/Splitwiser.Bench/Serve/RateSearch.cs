namespace Splitwiser.Bench.Serve;

/// <summary>
/// The highest rate that holds, by trials: from a start upwards or downwards until it is between a rate that holds and one that doesn't, then
/// by halving that interval in ratios.
/// </summary>
/// <param name="tolerance">Ends when the two are this near, as a share.</param>
/// <param name="trials">Most trials.</param>
internal sealed class RateSearch(double start, double tolerance, int trials)
{
    private const double Growth = 1.5;

    private double? failed;
    private int told;

    /// <summary>The highest rate that held; null while none did.</summary>
    public double? Best { get; private set; }

    public double Next => (Best, failed) switch
    {
        (null, null) => start,
        ({ } held, null) => held * Growth,
        (null, { } missed) => missed / Growth,
        ({ } held, { } missed) => Math.Sqrt(held * missed),
    };

    public bool IsDone => told >= trials || (Best is { } held && failed is { } missed && missed / held <= 1 + tolerance);

    /// <summary>The next rate was tried.</summary>
    public void Tell(bool holds)
    {
        if (holds) Best = Next;
        else failed = Next;
        told++;
    }
}
