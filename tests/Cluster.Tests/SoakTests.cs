using Splitwiser.Client;

namespace Splitwiser.Cluster.Tests;

/// <summary>An hour's work in a few minutes: short requests, callers that leave, too few pages, and silos that come and go.</summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Requests = 20_000;
    private const int Round = 1_000;        // requests between two restarts of a silo
    private const int AtOnce = 48;
    private const int WarmUp = 5;           // rounds
    private const double Growth = 1.05;

    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    [Fact, Trait("Category", "Long")]
    public async Task Memory_stays_flat_no_page_leaks_and_every_answer_is_right_while_silos_restart()
    {
        await using var demo = await DemoCluster.Start(silos: 2, (DemoSilo.PageCount, "16"), (DemoSilo.Sequences, "32"), (DemoSilo.Watched, "false"), (DemoSilo.LingerSeconds, "3"));
        var expected = new Dictionary<int, Heard>();
        foreach (var kind in Enumerable.Range(0, Kinds.Length)) expected[kind] = await DemoCluster.Hear(demo.Client, Kinds[kind]);
        var client = new SplitwiserClient(demo.Client);
        var random = new Random(5);
        var bytes = new List<long>();
        var left = 0;
        var preempted = 0L;
        for (var done = 0; done < Requests; done += Round)
        {
            var round = Enumerable.Range(0, Round).Select(_ => (Kind: random.Next(Kinds.Length), LeavesAfter: random.Next(10) == 0 ? random.Next(1, 6) : int.MaxValue)).ToList();
            var restart = Restart(demo, gracefully: done / Round % 2 == 0, demo.Silos.Last());
            await Parallel.ForEachAsync(round, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Ends }, async (request, _) =>
            {
                var heard = new Heard();
                await foreach (var chunk in client.GenerateAsync(Kinds[request.Kind], Ends))
                {
                    heard.Add(chunk);
                    if (heard.Ids.Length < request.LeavesAfter) continue;
                    Interlocked.Increment(ref left);
                    return;
                }

                heard.Ids.ShouldBe(expected[request.Kind].Ids);
                heard.Text.ShouldBe(expected[request.Kind].Text);
            });
            preempted += demo.Preemptions;
            await restart;
            await demo.EveryPageIsBack(15);
            bytes.Add(GC.GetTotalMemory(forceFullCollection: true));
        }

        output.WriteLine($"{left} callers left early, {preempted} preemptions, live MB after each round: {string.Join(' ', bytes.Select(size => (size / 1e6).ToString("0.0")))}");
        left.ShouldBeGreaterThan(Requests / 20);
        preempted.ShouldBeGreaterThan(0);
        var settled = bytes.Skip(WarmUp).ToList();
        ((double)settled[^3..].Min() / settled[..3].Max()).ShouldBeLessThan(Growth);
    }

    private static readonly GenerateRequest[] Kinds = [.. Enumerable.Range(0, 24).Select(i => new GenerateRequest
    {
        Text = Golden.All[i % Golden.All.Length].Prompt,
        Sampling = new() { Temperature = i % 3, Seed = i },
        Stop = new() { MaxTokens = 4 + (7 * i % 45), IgnoreEos = true },
    })];

    private static async Task Restart(DemoCluster demo, bool gracefully, Orleans.TestingHost.SiloHandle silo)
    {
        if (gracefully) await demo.Stop(silo);
        else await demo.Kill(silo);
        await demo.Restart(silo);
    }
}
