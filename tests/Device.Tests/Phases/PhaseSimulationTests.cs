using Splitwiser.Gpu.Phases;

namespace Splitwiser.Device.Tests.Phases;

/// <summary>The controller on a simulated H100 whose laws it doesn't know, with steps that scatter by 4 % either way.</summary>
public sealed class PhaseSimulationTests
{
    private const double Noise = 0.04;
    private const int Learning = 500, Watched = 20_000;

    public static TheoryData<string, int> Points
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var name in new[] { nameof(PhaseLaws.Llama8B), nameof(PhaseLaws.Llama8BLong), nameof(PhaseLaws.Llama1B) })
                for (var seed = 1; seed <= 4; seed++) data.Add(name, seed);
            return data;
        }
    }

    [Theory, MemberData(nameof(Points))]
    public void It_prefills_within_two_percent_of_the_best_fixed_mode_and_keeps_the_target(string point, int seed)
    {
        var laws = Laws(point);
        var simulation = new PhaseSimulation(laws, Noise, seed);
        simulation.Run(Learning);
        simulation.Forget();
        simulation.Run(Watched);
        var (best, rate) = laws.Best();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"best {best}: {rate:0}/s; adaptive {simulation.Rate:0}/s ({simulation.Rate / rate:0.000}), gap p50 {simulation.Gap(0.5) / laws.Target:0.000} p99 {simulation.Gap(0.99) / laws.Target:0.000} of the target, {simulation.Changes} changes; "
            + string.Join(", ", simulation.Shares.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key} {pair.Value / simulation.Shares.Values.Sum():0.000}")));
        simulation.Rate.ShouldBeGreaterThanOrEqualTo(0.98 * rate);
        simulation.Gap(0.5).ShouldBeLessThanOrEqualTo(1.02 * laws.Target);
        simulation.Gap(0.99).ShouldBeLessThanOrEqualTo((1.03 + Noise) * laws.Target);
    }

    [Theory, MemberData(nameof(Points))]
    public void It_does_not_flap(string point, int seed)
    {
        var simulation = new PhaseSimulation(Laws(point), Noise, seed);
        simulation.Run(Learning);
        simulation.Forget();
        simulation.Run(Watched);
        simulation.Changes.ShouldBeLessThan(Watched / 200);
    }

    [Theory, MemberData(nameof(Points))]
    public void It_settles_within_a_few_hundred_steps(string point, int seed)
    {
        var laws = Laws(point);
        var simulation = new PhaseSimulation(laws, Noise, seed);
        simulation.Run(300);
        simulation.Forget();
        simulation.Run(300);
        simulation.Rate.ShouldBeGreaterThanOrEqualTo(0.95 * laws.Best().Rate);
    }

    private static PhaseLaws Laws(string point) => point switch
    {
        nameof(PhaseLaws.Llama8B) => PhaseLaws.Llama8B,
        nameof(PhaseLaws.Llama8BLong) => PhaseLaws.Llama8BLong,
        _ => PhaseLaws.Llama1B,
    };
}
