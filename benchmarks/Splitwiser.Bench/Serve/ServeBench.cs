namespace Splitwiser.Bench.Serve;

/// <summary>Sends a load to running servers, or to a silo of its own for each mode and number of devices.</summary>
internal sealed class ServeBench(ServePlan plan)
{
    private int drawn;      // every trial has prompts of its own: none finds an earlier one's in a cache

    public async Task<IReadOnlyList<ServeRun>> Measure(CancellationToken ct)
    {
        if (plan.Servers.Count > 0) return [await Measure("running servers", plan.Servers, plan.Servers.Count, ct)];
        List<ServeRun> runs = [];
        foreach (var devices in plan.Fleet)
            foreach (var mode in plan.Modes)
            {
                await using var silo = await BenchSilo.Start([.. plan.SiloArguments, .. mode.Arguments, .. plan.Fleet is [1] ? [] : plan.DevicesOf(devices)]);
                runs.Add(await Measure(mode.Name, [silo.Address], devices, ct));
            }
        return runs;
    }

    private async Task<ServeRun> Measure(string name, IReadOnlyList<Uri> servers, int devices, CancellationToken ct)
    {
        var cards = await Task.WhenAll(servers.Select(server => ServedModelCard.Of(server, ct)));
        var load = Load.Of(plan.Shape, plan.Trace, cards.Min(card => card.MaxModelLength), plan.Shape.Arrivals == ArrivalKind.Burst ? devices : 1);
        Console.WriteLine($"{name}, {devices} {(devices == 1 ? "device" : "devices")}: {load.Requests.Count} requests, {load.PromptTokens} tokens in, {load.OutputTokens} out{(load.Clipped > 0 ? $", {load.Clipped} of them shortened to the context of {cards.Min(card => card.MaxModelLength)}" : "")}");
        using var client = new LoadClient(servers);
        await WarmUp(client, load, devices, ct);
        List<TrialResult> trials = [];
        if (plan.Shape.Arrivals == ArrivalKind.Burst)
        {
            for (var run = 0; run < plan.Runs; run++) trials.Add(await Try(name, client, load, 1, stopsEarly: false, ct));
            return new ServeRun(name, devices, null, IsLimit: false, null, trials);
        }

        if (plan.Rates.Count > 0)
        {
            foreach (var rate in plan.Rates) trials.Add(await Try(name, client, load, rate * devices, stopsEarly: false, ct));
            return Run(name, devices, trials.Where(trial => trial.Holds).MaxBy(trial => trial.Rate)?.Rate, trials);
        }

        var search = new RateSearch(plan.Start * devices, plan.Tolerance, plan.Trials);
        while (!search.IsDone)
        {
            trials.Add(await Try(name, client, load, search.Next, stopsEarly: true, ct));
            search.Tell(trials[^1].Holds);
        }

        return Run(name, devices, search.Best, trials);
    }

    private ServeRun Run(string name, int devices, double? best, IReadOnlyList<TrialResult> trials) =>
        new(name, devices, best, trials.Any(trial => !trial.Holds && trial.Rate > best), plan.Shape.Arrivals == ArrivalKind.Trace ? best * plan.Trace[^1].At / plan.Shape.Requests : null, [.. trials.OrderBy(trial => trial.Rate)]);

    private async Task<TrialResult> Try(string name, LoadClient client, Load load, double rate, bool stopsEarly, CancellationToken ct)
    {
        var result = await new Trial(client, load, rate, plan.Slo, stopsEarly).Run(name, Bodies(load), ct);
        Console.WriteLine(
            $"  {name}, {(plan.Shape.Arrivals == ArrivalKind.Burst ? "all at once" : $"{rate:0.00}/s")}: {result.Within:0.0%} within, {(result.Holds ? "holds" : result.StoppedEarly ? "stopped early" : "does not hold")}; first token p99 {result.FirstToken.P99:0} ms, " +
            $"gap p50 {result.TokenGap.P50:0.0}, p99 {result.TokenGap.P99:0.0} ms, {result.OutputTokensPerSecond:0} tok/s{(result.Failed > 0 ? $"; {result.Failed} failed: {result.FirstFailure}" : "")}");
        await Task.Delay(TimeSpan.FromMilliseconds(500), ct);       // what an early stop cut off has left the devices by then
        return result;
    }

    /// <summary>Compiles and records what the first requests would otherwise pay for.</summary>
    private async Task WarmUp(LoadClient client, Load load, int devices, CancellationToken ct)
    {
        if (plan.WarmUp == 0) return;
        var few = new Load([.. load.Requests.Take(plan.WarmUp * devices).Select(request => request with { At = 0 })], 0);
        var outcome = await new Trial(client, few, 1, plan.Slo, stopsEarly: false).Run("warm-up", Bodies(few), ct);
        if (outcome.Failed == outcome.Requests) throw new BenchException($"Every request of the warm-up failed: {outcome.FirstFailure}");
    }

    private byte[][] Bodies(Load load)
    {
        var seed = drawn;
        drawn += load.Requests.Count;
        var bodies = new byte[load.Requests.Count][];
        Parallel.For(0, bodies.Length, i => bodies[i] = CompletionBody.Of(load.Requests[i], plan.Vocabulary, new Random(seed + i)));
        return bodies;
    }
}
