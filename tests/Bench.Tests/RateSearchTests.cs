using FsCheck.Fluent;
using Splitwiser.Bench.Serve;

namespace Splitwiser.Bench.Tests;

public class RateSearchTests
{
    [Theory]
    [InlineData(4, 1)]
    [InlineData(4, 4.1)]
    [InlineData(4, 3.9)]
    [InlineData(4, 33)]
    [InlineData(0.1, 250)]
    [InlineData(100, 0.3)]
    public void The_highest_rate_that_holds_is_found_within_the_tolerance(double start, double limit)
    {
        var search = Run(start, 0.05, trials: 100, rate => rate <= limit);
        search.IsDone.ShouldBeTrue();
        search.Best!.Value.ShouldBeInRange(limit / 1.05, limit);
    }

    [Fact]
    public void It_ends_with_its_trials_and_keeps_the_best_of_them()
    {
        var tried = new List<double>();
        var search = Run(1, 0.01, trials: 4, rate =>
        {
            tried.Add(rate);
            return rate <= 2;
        });
        tried.Count.ShouldBe(4);
        search.Best.ShouldBe(tried.Where(rate => rate <= 2).Max());
    }

    [Fact]
    public void Where_nothing_holds_there_is_no_best() => Run(8, 0.05, trials: 10, _ => false).Best.ShouldBeNull();

    [Fact]
    public void Every_trial_lies_between_what_held_and_what_did_not() => Property.Holds(
        Gen.Choose(1, 1000).Two().ToArbitrary(),
        pair =>
        {
            var (low, high) = (0.0, double.PositiveInfinity);
            Run(pair.Item1 / 10.0, 0.02, trials: 60, rate =>
            {
                rate.ShouldBeGreaterThan(low);
                rate.ShouldBeLessThan(high);
                var holds = rate <= pair.Item2 / 10.0;
                if (holds) low = rate;
                else high = rate;
                return holds;
            });
        },
        cases: 1000);

    private static RateSearch Run(double start, double tolerance, int trials, Func<double, bool> holds)
    {
        var search = new RateSearch(start, tolerance, trials);
        while (!search.IsDone) search.Tell(holds(search.Next));
        return search;
    }
}
