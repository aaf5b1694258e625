using Orleans.TestingHost;

namespace Splitwiser.Actors.Tests;

public sealed class CallTests
{
    [Fact]
    public async Task A_call_is_answered()
    {
        var cluster = new TestClusterBuilder(2).Build();
        await cluster.DeployAsync();
        await using var _ = cluster;
        var note = new Note(1, "one");
        (await cluster.GrainFactory.GetGrain<IEchoGrain>("a").Echo(note, TestContext.Current.CancellationToken)).ShouldBe(note);
        var items = new List<int>();
        await foreach (var i in cluster.GrainFactory.GetGrain<IEchoGrain>("b").Count(1000, TestContext.Current.CancellationToken).WithBatchSize(7)) items.Add(i);
        items.ShouldBe(Enumerable.Range(0, 1000));
    }
}
