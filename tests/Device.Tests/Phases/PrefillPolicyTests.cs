using Splitwiser.Gpu.Phases;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Phases;

public sealed class PrefillPolicyTests
{
    [Theory]
    [InlineData(100, 0, 50, 0, false)]      // the shorter of two that wait
    [InlineData(50, 0, 100, 0, true)]
    [InlineData(100, 0, 100, 0, true)]      // equal: the one that came first
    [InlineData(100, 0, 50, 49, false)]     // the long one has waited for 49 tokens of work: 100 against 50 + 49
    [InlineData(100, 0, 50, 50, true)]
    [InlineData(100, 0, 50, 51, true)]
    [InlineData(101, 0, 50, 50, false)]
    public void The_shorter_prompt_goes_first_unless_the_longer_has_aged(int length, long arrived, int laterLength, long laterArrived, bool firstGoesFirst)
    {
        var first = PrefillPolicy.Fresh(length, arrived, number: 1);
        var second = PrefillPolicy.Fresh(laterLength, laterArrived, number: 2);
        (first.CompareTo(second) < 0).ShouldBe(firstGoesFirst);
    }

    [Fact]
    public void The_preempted_go_before_all_new_ones_oldest_first()
    {
        var ranks = new[]
        {
            PrefillPolicy.Fresh(1, 0, 9), PrefillPolicy.UnderWay(7), PrefillPolicy.Fresh(1000, 0, 2), PrefillPolicy.UnderWay(3), PrefillPolicy.Fresh(1, 0, 4),
        };
        ranks.Order().Select(rank => rank.Number).ShouldBe([3, 7, 4, 9, 2]);
    }

    [Fact]
    public void The_lowest_priority_number_goes_before_shorter_prompts_and_behind_the_preempted()
    {
        var ranks = new[] { PrefillPolicy.Fresh(1, 0, 1), PrefillPolicy.Fresh(900, 0, 2, priority: -1), PrefillPolicy.Fresh(1, 0, 3, priority: 5), PrefillPolicy.UnderWay(4) };
        ranks.Order().Select(rank => rank.Number).ShouldBe([4, 2, 1, 3]);
    }

    [Fact]
    public void The_order_is_total_and_strict() => Property.Holds<(ushort, uint, ushort)[]>(entries =>
    {
        var ranks = entries.Take(12).Select((entry, i) => entry.Item3 % 4 == 0 ? PrefillPolicy.UnderWay(i) : PrefillPolicy.Fresh(1 + entry.Item1, entry.Item2, i)).ToList();
        ranks.Sort();
        for (var i = 0; i < ranks.Count; i++)
        {
            for (var j = 0; j < ranks.Count; j++)
                if (Math.Sign(ranks[i].CompareTo(ranks[j])) != Math.Sign(i.CompareTo(j))) throw new InvalidOperationException($"{ranks[i]} against {ranks[j]}");
        }
    });

    [Fact]
    public void A_prompt_of_n_tokens_waits_for_no_more_than_what_arrived_before_n_tokens_of_work() => Property.Holds<(ushort Length, byte[] Flood)>(given =>
    {
        // A server that computes one prompt after the other, and a new short prompt at every turn.
        var target = PrefillPolicy.Fresh(1 + given.Length % 500, 0, number: 0);
        var waiting = new List<PrefillRank> { target };
        var lengths = new Dictionary<long, int>();
        var work = 0L;
        for (var i = 1; waiting.Contains(target); i++)
        {
            var length = 1 + (given.Flood.Length > 0 ? given.Flood[i % given.Flood.Length] : 0) % 64;
            lengths[i] = length;
            waiting.Add(PrefillPolicy.Fresh(length, work, i));
            var next = waiting.Min();
            waiting.Remove(next);
            if (next != target) work += lengths[next.Number];
        }

        work.ShouldBeLessThan(1 + given.Length % 500 + 64);
    });

    [Theory]
    [InlineData(10, 100, 10)]
    [InlineData(100, 10, 10)]
    [InlineData(7, 7, 7)]
    public void A_chunk_is_what_is_left_within_the_budget(int remaining, int budget, int chunk) => PrefillPolicy.Chunk(remaining, budget).ShouldBe(chunk);
}
