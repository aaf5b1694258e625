namespace Splitwiser.Gpu.Phases;

/// <summary>Who gives up its pages when a running sequence needs one and none is left: the youngest, so that the oldest always advances.</summary>
internal static class PreemptionPolicy
{
    /// <param name="numbers">Arrival numbers of the sequences with pages; at least one.</param>
    /// <returns>The index of the one to preempt.</returns>
    public static int Youngest(ReadOnlySpan<long> numbers)
    {
        var youngest = 0;
        for (var i = 1; i < numbers.Length; i++)
            if (numbers[i] > numbers[youngest]) youngest = i;
        return youngest;
    }
}
