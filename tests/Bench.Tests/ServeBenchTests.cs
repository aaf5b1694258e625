using Splitwiser.Bench.Serve;

namespace Splitwiser.Bench.Tests;

public class ServeBenchTests
{
    private static readonly LoadShape Shape = new(ArrivalKind.Burst, 6, 1, new(4, 40), new(5, 9), 0, new(1, 1), new(1, 1));
    private static readonly Slo Easy = new(FirstToken: 3600, TokenGap: 3600, Share: 1), Impossible = new(FirstToken: 0, TokenGap: 0, Share: 1);

    [Fact]
    public async Task A_burst_reaches_silos_of_its_own_in_each_mode_and_fleet()
    {
        var runs = await Measure(Plan() with { Fleet = [1, 2], Modes = [ServedMode.Parse("chunked@64"), ServedMode.Parse("serial")] });
        runs.Select(run => (run.Name, run.Devices)).ShouldBe([("Chunked@64", 1), ("Serial", 1), ("Chunked@64", 2), ("Serial", 2)]);
        foreach (var run in runs)
        {
            var trial = run.Trials.ShouldHaveSingleItem();
            (trial.Requests, trial.Failed, trial.Within).ShouldBe((6 * run.Devices, 0, 1));
            trial.FirstToken.P50.ShouldBeGreaterThan(0);
            trial.Whole.P99.ShouldBeGreaterThanOrEqualTo(trial.FirstToken.P50);
        }
    }

    [Fact]
    public async Task A_search_gives_up_trials_that_can_not_hold_any_more()
    {
        var plan = Plan() with { Shape = Shape with { Arrivals = ArrivalKind.Poisson }, Slo = Impossible, Start = 50, Trials = 2 };
        var run = (await Measure(plan)).ShouldHaveSingleItem();
        run.Best.ShouldBeNull();
        run.Trials.Count.ShouldBe(2);
        run.Trials.ShouldAllBe(trial => !trial.Holds && trial.Within == 0);
    }

    [Fact]
    public async Task Rates_that_are_named_are_all_tried_and_the_best_that_holds_is_told()
    {
        var run = (await Measure(Plan() with { Shape = Shape with { Arrivals = ArrivalKind.Poisson }, Rates = [40, 80] })).ShouldHaveSingleItem();
        run.Trials.Select(trial => (trial.Rate, trial.Holds)).ShouldBe([(40, true), (80, true)]);
        run.Best.ShouldBe(80);
    }

    [Fact]
    public async Task Running_servers_are_used_as_they_are_and_one_that_is_not_there_is_named()
    {
        await using var silo = await BenchSilo.Start(["--model", Repository.DemoModel, "--device", "cpu", "--num-gpu-blocks-override", "256"]);
        (await Measure(Plan() with { Servers = [silo.Address, silo.Address] })).ShouldHaveSingleItem().Trials.ShouldHaveSingleItem().Requests.ShouldBe(12);
        var missing = new Uri("http://127.0.0.1:9");
        (await Should.ThrowAsync<BenchException>(() => Measure(Plan() with { Servers = [missing] }))).Message.ShouldContain(missing.ToString());
    }

    [Theory]
    [InlineData("fast")]
    [InlineData("7")]
    [InlineData("chunked@")]
    [InlineData("chunked@1@2")]
    public void A_mode_that_is_none_is_refused(string text) => Should.Throw<BenchException>(() => ServedMode.Parse(text)).Message.ShouldStartWith("--modes");

    private static ServePlan Plan() => new(
        [], [ServedMode.Parse("adaptive")], [1], ["--model", Repository.DemoModel, "--device", "cpu", "--num-gpu-blocks-override", "256", "--threads", "1"], OnGpu: false, Vocabulary: 4096, Shape, [], Easy,
        Rates: [], Start: 10, Tolerance: 0.1, Trials: 3, Runs: 1, WarmUp: 2);

    private static Task<IReadOnlyList<ServeRun>> Measure(ServePlan plan) => new ServeBench(plan).Measure(TestContext.Current.CancellationToken);
}
