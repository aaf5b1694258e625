using Splitwiser.Tests;

namespace Splitwiser.Cluster.Tests;

public sealed class IdleConsumerTests
{
    [Fact]
    public async Task A_consumer_that_stops_reading_loses_its_pages_and_is_told_so_when_it_reads_on()
    {
        var ends = TestContext.Current.CancellationToken;
        await using var demo = await DemoCluster.Start(DemoSilo.ConsumerIdle, "1");
        var request = new GenerateRequest { Text = "In the beginning", Sampling = new() { Temperature = 1, Seed = 3 }, Stop = new() { IgnoreEos = true } };
        await using var chunks = demo.Client.GetGrain<IRequestGrain>(Guid.NewGuid()).Generate(request, ends).GetAsyncEnumerator(ends);
        (await chunks.MoveNextAsync()).ShouldBeTrue();
        using (WatchedRunner.HoldAfter(steps: 300)) // or a fast machine would finish before anybody can be called idle
            await Eventually.Holds("the sequence is dropped", () => Task.FromResult(demo.Running == 0), TimeSpan.FromSeconds(15), ends);
        await demo.EveryPageIsBack();

        var lost = await Should.ThrowAsync<RequestLostException>(async () =>
        {
            while (await chunks.MoveNextAsync()) chunks.Current.End.ShouldBeNull();
        });
        lost.Reason.ShouldBe(LossReason.ConsumerIdle);
    }
}
