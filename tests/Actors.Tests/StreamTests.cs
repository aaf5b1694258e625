namespace Splitwiser.Actors.Tests;

public sealed class StreamTests(PatientCluster patient, ImpatientCluster impatient)
{
    private readonly IGrainFactory grains = patient.Cluster.Client;
    private readonly IGrainFactory impatientGrains = impatient.Cluster.Client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(7, 0)]
    [InlineData(7, 3)]
    [InlineData(100, 1)]
    [InlineData(5000, 250)]
    public async Task Every_item_comes_once_and_in_order(int batchSize, int pauseEvery)
    {
        var stream = grains.GetGrain<IStreamGrain>($"order {batchSize} {pauseEvery}").Count(1000, pauseEvery, Token).WithBatchSize(batchSize);
        (await Read(stream)).ShouldBe(Enumerable.Range(0, 1000));
    }

    [Fact]
    public async Task A_stream_may_be_empty() =>
        (await Read(grains.GetGrain<IStreamGrain>("empty").Count(0, 0, Token))).ShouldBeEmpty();

    [Fact]
    public async Task Each_enumeration_is_a_stream_of_its_own()
    {
        var stream = grains.GetGrain<IStreamGrain>("twice").Count(10, 3, Token);
        (await Read(stream)).Count.ShouldBe(10);
        (await Read(stream)).Count.ShouldBe(10);
    }

    [Fact]
    public async Task A_producer_runs_ahead_by_no_more_than_a_batch()
    {
        var grain = grains.GetGrain<IStreamGrain>("ahead");
        await using var items = grain.Count(1000, 0, Token).WithBatchSize(10).GetAsyncEnumerator(Token);
        for (var read = 1; read <= 30; read++)
        {
            (await items.MoveNextAsync()).ShouldBeTrue();
            (await grain.Made(Token)).ShouldBeInRange(read, read + 10);
        }
    }

    [Fact]
    public async Task A_stream_runs_beside_the_calls_of_its_grain()
    {
        var grain = grains.GetGrain<IStreamGrain>("beside");
        var held = grain.Hold("beside held", Token);
        await Signals.Wait("beside held in", Token);
        (await Read(grain.Count(10, 2, Token))).Count.ShouldBe(10);
        Signals.Set("beside held go");
        await held;
    }

    [Fact]
    public async Task A_call_runs_beside_a_stream_that_waits()
    {
        var grain = grains.GetGrain<IStreamGrain>("waiting stream");
        await using var items = grain.Signalled("waiting stream", 2, Token).GetAsyncEnumerator(Token);
        (await items.MoveNextAsync()).ShouldBeTrue();
        var next = items.MoveNextAsync();
        (await grain.Made(Token)).ShouldBe(0);
        Signals.Set("waiting stream 1");
        (await next).ShouldBeTrue();
    }

    [Fact]
    public async Task Leaving_a_stream_cancels_its_producer()
    {
        await foreach (var item in grains.GetGrain<IStreamGrain>("left").Endless("left", Token))
            if (item == 250) break;
        await Signals.Wait("left cancelled", Token);
        await Signals.Wait("left out", Token);
    }

    [Theory]
    [InlineData("by the reader")]
    [InlineData("by the caller")]
    public async Task Cancelling_a_stream_ends_it_for_reader_and_producer(string name)
    {
        using var cancel = new CancellationTokenSource();
        var grain = grains.GetGrain<IStreamGrain>($"cancelled {name}");
        var stream = name == "by the reader"
            ? grain.Signalled(name, 2, Token).WithCancellation(cancel.Token)
            : grain.Signalled(name, 2, cancel.Token).WithCancellation(Token);
        await using var items = stream.GetAsyncEnumerator();
        (await items.MoveNextAsync()).ShouldBeTrue();
        var next = items.MoveNextAsync();
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await next);
        await Signals.Wait($"{name} cancelled", Token);
        await Signals.Wait($"{name} out", Token);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(150)]
    public async Task A_failure_comes_after_the_items_before_it(int items)
    {
        var read = 0;
        var error = await Should.ThrowAsync<ProbeException>(async () =>
        {
            await foreach (var _ in grains.GetGrain<IStreamGrain>("failing").Failing(items, Token)) read++;
        });
        read.ShouldBe(items);
        error.Code.ShouldBe(items);
    }

    [Fact]
    public async Task A_reader_that_waits_keeps_its_stream_for_longer_than_the_response_timeout()
    {
        await using var items = impatientGrains.GetGrain<IStreamGrain>("kept").Signalled("kept", 2, Token).GetAsyncEnumerator(Token);
        (await items.MoveNextAsync()).ShouldBeTrue();
        var next = items.MoveNextAsync().AsTask();
        await Eventually.Passes(Clusters.ShortTimeout * 2.5);
        next.IsCompleted.ShouldBeFalse();
        Signals.Set("kept 1");
        (await next).ShouldBeTrue();
        items.Current.ShouldBe(1);
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_is_aborted_after_one_to_two_response_timeouts()
    {
        await using var items = impatientGrains.GetGrain<IStreamGrain>("idle").Signalled("idle", 5, Token).WithBatchSize(1).GetAsyncEnumerator(Token);
        (await items.MoveNextAsync()).ShouldBeTrue();
        var read = TimeProvider.System.GetTimestamp();
        await Signals.Wait("idle out", Token);
        TimeProvider.System.GetElapsedTime(read).ShouldBeInRange(Clusters.ShortTimeout * 0.9, Clusters.ShortTimeout * 2.9);
        await Should.ThrowAsync<EnumerationAbortedException>(async () => await items.MoveNextAsync());
    }

    [Fact]
    public async Task A_deactivation_cuts_the_streams_of_its_grain()
    {
        var grain = grains.GetGrain<IStreamGrain>("cut");
        await using var items = grain.Signalled("cut", 5, Token).WithBatchSize(1).GetAsyncEnumerator(Token);
        (await items.MoveNextAsync()).ShouldBeTrue();
        await grain.Leave(Token);
        await Signals.Wait("cut out", Token);
        await Lost.By(async () => await items.MoveNextAsync());
    }

    private static async Task<List<int>> Read(IAsyncEnumerable<int> stream)
    {
        var items = new List<int>();
        await foreach (var item in stream.WithCancellation(Token)) items.Add(item);
        return items;
    }
}
