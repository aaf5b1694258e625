using Splitwiser.Gpu.Phases;
using static Splitwiser.Gpu.Phases.SequencePhase;

namespace Splitwiser.Device.Tests.Phases;

public sealed class SequencePhaseTests
{
    private static readonly (SequencePhase From, SequencePhase To)[] Legal =
    [
        (Queued, Restoring), (Queued, Prefilling), (Queued, Ended),
        (Restoring, Prefilling), (Restoring, Preempting), (Restoring, Ending),
        (Prefilling, Decoding), (Prefilling, Preempting), (Prefilling, Ending),
        (Decoding, Preempting), (Decoding, Ending),
        (Preempting, Preempted), (Preempting, Ending),
        (Preempted, Restoring), (Preempted, Prefilling), (Preempted, Ended),
        (Ending, Ended),
    ];

    [Fact]
    public void A_sequence_makes_the_legal_moves_and_no_other()
    {
        foreach (var from in Enum.GetValues<SequencePhase>())
            foreach (var to in Enum.GetValues<SequencePhase>())
                if (Legal.Contains((from, to))) from.To(to).ShouldBe(to);
                else Should.Throw<InvalidOperationException>(() => from.To(to)).Message.ShouldContain($"from {from} to {to}");
    }
}
