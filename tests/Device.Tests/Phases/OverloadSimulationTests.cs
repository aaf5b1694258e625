namespace Splitwiser.Device.Tests.Phases;

/// <summary>What a device can do, and ten times that, in virtual time: the whole of admission, scheduling and planning, and no clock.</summary>
public sealed class OverloadSimulationTests
{
    private static readonly double Rate = LoadSimulation.Rate();

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.1)]
    public void At_ten_times_the_rate_those_admitted_get_their_first_token_about_as_soon_as_at_once(double target)
    {
        var full = Played(target, 1);
        var over = Played(target, 10);
        var (fullP99, overP99) = (P99(full.Firsts), P99(over.Firsts));
        overP99.ShouldBeLessThan(1.5 * fullP99);
        overP99.ShouldBeLessThan(1.2 * target);
        over.Firsts.Length.ShouldBeGreaterThan((int)(0.9 * Rate * 60));         // as many are served as can be
        over.Retries.Count.ShouldBeGreaterThan((int)(8 * Rate * 60));           // and the others were refused
        over.Retries.ShouldAllBe(retry => retry >= TimeSpan.FromSeconds(1) && retry <= TimeSpan.FromSeconds(60));
        over.Deepest.ShouldBeLessThan((int)(3 * target * Rate));
        foreach (var simulation in new[] { full, over }) simulation.Pages.Leased.ShouldBe(0);
    }

    [Fact]
    public void Below_the_rate_hardly_anybody_is_refused()
    {
        var calm = Played(0.3, 0.7);
        calm.Retries.Count.ShouldBeLessThan(calm.Firsts.Length / 100);          // paces are guessed by a few places that came free
        P99(calm.Firsts).ShouldBeLessThan(0.3);
    }

    [Fact]
    public void Without_a_target_the_queue_alone_says_when_first_tokens_come() =>
        P99(Played(target: null, 10).Firsts).ShouldBeGreaterThan(10 * P99(Played(target: null, 0.7).Firsts));

    private static LoadSimulation Played(double? target, double load)
    {
        var simulation = new LoadSimulation(target is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        simulation.Play(load * Rate, seconds: 60);
        return simulation;
    }

    private static double P99(double[] rising) => rising[(int)(0.99 * (rising.Length - 1))];
}
