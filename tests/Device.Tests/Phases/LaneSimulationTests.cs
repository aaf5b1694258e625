using Splitwiser.Gpu.Phases;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Phases;

/// <summary>Every order of arrivals, launches, reads and departures: the tokens are those of each sequence alone, and the pages come back.</summary>
public sealed class LaneSimulationTests
{
    public static TheoryData<PhaseMode, int> ModesAndDepths
    {
        get
        {
            var data = new TheoryData<PhaseMode, int>();
            foreach (var mode in Enum.GetValues<PhaseMode>())
                for (var depth = 1; depth <= 3; depth++) data.Add(mode, depth);
            return data;
        }
    }

    [Theory, MemberData(nameof(ModesAndDepths))]
    public void In_any_order_of_events_every_sequence_gets_the_tokens_that_it_gets_alone(PhaseMode mode, int depth) =>
        Property.Holds<(byte, byte, byte)[]>(moves => new LaneSimulation(mode, depth).Play(moves), cases: 300);

    [Theory]
    [InlineData(PhaseMode.Streams, 1), InlineData(PhaseMode.Streams, 3), InlineData(PhaseMode.Partition, 2), InlineData(PhaseMode.Adaptive, 1), InlineData(PhaseMode.Adaptive, 2)]
    public void And_with_chunks_cut_into_slices_of_layers(PhaseMode mode, int depth) =>
        Property.Holds<(byte, byte, byte)[]>(moves => new LaneSimulation(mode, depth, layers: 5).Play(moves), cases: 300);

    [Theory, MemberData(nameof(ModesAndDepths))]
    public void With_main_memory_behind_the_pages_too(PhaseMode mode, int depth) =>
        Property.Holds<(byte, byte, byte)[]>(moves => new LaneSimulation(mode, depth, hostTier: true).Play(moves), cases: 300);

    [Theory, MemberData(nameof(ModesAndDepths)), Trait("Category", "Long")]
    public void In_ten_thousand_orders_of_events_too(PhaseMode mode, int depth)
    {
        Property.Holds<(byte, byte, byte)[]>(moves => new LaneSimulation(mode, depth).Play(moves));
        Property.Holds<(byte, byte, byte)[]>(moves => new LaneSimulation(mode, depth, hostTier: true).Play(moves));
    }

    [Theory, InlineData(PhaseMode.Streams, 2), InlineData(PhaseMode.Adaptive, 2), Trait("Category", "Long")]
    public void In_ten_thousand_orders_of_events_with_slices_of_layers_too(PhaseMode mode, int depth) =>
        Property.Holds<(byte, byte, byte)[]>(moves => new LaneSimulation(mode, depth, layers: 5).Play(moves));
}
