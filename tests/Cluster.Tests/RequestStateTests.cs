using Splitwiser.Tests;

namespace Splitwiser.Cluster.Tests;

/// <summary>What a request's grain says to a caller who hears nothing, while the test lets devices decode step by step.</summary>
public sealed class RequestStateTests(DemoCluster demo) : IClassFixture<DemoCluster>
{
    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    private static GenerateRequest Request => new()
    {
        Text = Golden.All[0].Prompt,
        Sampling = new() { Temperature = 1, Seed = 7 },
        Stop = new() { IgnoreEos = true, MaxTokens = 200 },
    };

    [Fact]
    public async Task A_request_is_at_work_while_its_device_is_waits_for_a_slow_reader_and_is_unknown_when_it_is_over()
    {
        var request = demo.Client.GetGrain<IRequestGrain>(Guid.NewGuid());
        (await request.State(Ends)).ShouldBe(RequestState.Unknown);
        using var steps = WatchedRunner.StepByStep();
        await using var chunks = request.Generate(Request, Ends).GetAsyncEnumerator(Ends);
        (await Let(steps, await ReadAll(request, chunks))).ShouldBeTrue();
        await Park(request, steps);
        var next = await ReadAll(request, chunks);
        steps.Dispose();
        while (await next) next = chunks.MoveNextAsync().AsTask();
        await Eventually.Holds("the request is over", async () => await request.State(Ends) == RequestState.Unknown, DemoCluster.NoHang, Ends);
        await demo.EveryPageIsBack();
    }

    [Fact]
    public async Task A_call_that_takes_over_from_one_that_waits_for_its_reader_is_at_work()
    {
        var request = demo.Client.GetGrain<IRequestGrain>(Guid.NewGuid());
        using var steps = WatchedRunner.StepByStep();
        await using var first = request.Generate(Request, Ends).GetAsyncEnumerator(Ends);
        (await Let(steps, first.MoveNextAsync().AsTask())).ShouldBeTrue();
        await Park(request, steps);
        await using var second = request.Generate(Request, Ends).GetAsyncEnumerator(Ends);
        var next = await ReadAll(request, second);
        steps.Dispose();
        while (await next) next = second.MoveNextAsync().AsTask();
        await Eventually.Holds("the second call is over, and the first counts no more", async () => await request.State(Ends) == RequestState.Unknown, DemoCluster.NoHang, Ends);
        await demo.EveryPageIsBack();
    }

    /// <summary>Lets steps until the chunk is here.</summary>
    private static async Task<bool> Let(StepGate steps, Task<bool> next)
    {
        await Eventually.Holds("a chunk comes", () =>
        {
            if (steps.Held > 0) steps.Let();
            return Task.FromResult(next.IsCompleted);
        }, DemoCluster.NoHang, Ends);
        return await next;
    }

    /// <summary>Lets steps until the request has made a chunk that nobody takes.</summary>
    private static Task Park(IRequestGrain request, StepGate steps) => Eventually.Holds("the request waits for its reader", async () =>
    {
        if (steps.Held > 0) steps.Let();
        return await request.State(Ends) == RequestState.WaitsForReader;
    }, DemoCluster.NoHang, Ends);

    /// <summary>Reads while no step is let, until the request waits for its device; the chunk that is then asked for.</summary>
    private static async Task<Task<bool>> ReadAll(IRequestGrain request, IAsyncEnumerator<TokenChunk> chunks)
    {
        var next = chunks.MoveNextAsync().AsTask();
        await Eventually.Holds("all that was made is read, and the request is at work", async () =>
        {
            if (next.IsCompleted && await next) next = chunks.MoveNextAsync().AsTask();
            return await request.State(Ends) == RequestState.AtWork && !next.IsCompleted;
        }, DemoCluster.NoHang, Ends);
        return next;
    }
}
