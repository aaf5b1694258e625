using Splitwiser.Client;

namespace Splitwiser.Bench.Kill;

/// <summary>Silo processes die under a crowd of streams, again and again, and come back; every stream must be as if nothing had happened.</summary>
internal sealed class KillBench(KillPlan plan, SiloProcesses cluster, StallWatch stalls, TimeProvider time)
{
    private readonly Random random = new();
    private readonly SplitwiserClient client = new(cluster.Grains);

    public async Task<KillReport> Run(CancellationToken ct)
    {
        await Everybody(new(plan.Streams, int.MaxValue), ct); // .NET compiles
        var undisturbed = await Everybody(new(plan.Streams, int.MaxValue), ct);
        if (undisturbed.FirstOrDefault(stream => stream.Error is not null) is { } broken) throw new BenchException($"a stream of the undisturbed run: {broken.Error}");
        var rounds = new List<KillRound>();
        var repeated = new List<KillRound>();
        while (rounds.Count < plan.Repetitions)
        {
            var round = await Round(undisturbed, ct);
            (round.IsVoid ? repeated : rounds).Add(round);
            Console.WriteLine(round.IsVoid ? $"to be repeated: {round}" : $"{rounds.Count}: {round}");
            if (repeated.Count > plan.Repetitions) throw new BenchException("this machine stands still too often to say anything");
        }

        return new(plan, [.. undisturbed.Select(stream => stream.WorstGap.TotalSeconds)], rounds, repeated);
    }

    private async Task<KillRound> Round(StreamRecord[] undisturbed, CancellationToken ct)
    {
        var victim = random.Next(plan.FirstVictim, plan.Silos);
        var share = 0.05 + (0.9 * random.NextDouble());
        var odometer = new Odometer(plan.Streams, (int)(share * plan.Tokens));
        stalls.Longest();
        var streams = Everybody(odometer, ct);
        await odometer.Reached;
        var (killed, open) = (time.GetTimestamp(), odometer.Open);
        await cluster.Kill(victim);
        var records = await streams;
        var (seconds, stall) = (time.GetElapsedTime(killed).TotalSeconds, stalls.Longest().TotalSeconds);
        var leaked = await cluster.LeasedPages(ct);
        await cluster.Restart(victim, ct);
        var gaps = records.Select(record => record.WorstGap.TotalSeconds).ToList();
        return new(
            SiloProcesses.NameOf(victim), share, open, records.Count(record => record.Device?.StartsWith($"{SiloProcesses.NameOf(victim)}/", StringComparison.Ordinal) == true),
            records.Zip(undisturbed, (record, whole) => record.IsAs(whole)).Count(same => same), gaps.Max(), Median.Of(gaps), leaked, seconds, stall,
            records.FirstOrDefault(record => record.Error is not null)?.Error);
    }

    private Task<StreamRecord[]> Everybody(Odometer odometer, CancellationToken ct) =>
        Task.WhenAll(Enumerable.Range(0, plan.Streams).Select(number => StreamRecord.Of(client.GenerateAsync(plan.RequestOf(number), ct), odometer, time)));
}
