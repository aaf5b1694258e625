namespace Splitwiser.Cluster.Tests;

/// <summary>Reads one answer in two parts, and lets no wait for a chunk be longer than <see cref="DemoCluster.NoHang"/>.</summary>
internal sealed class Listener(IGrainFactory grains, GenerateRequest request)
{
    private readonly IAsyncEnumerator<TokenChunk> chunks = grains.GetGrain<IRequestGrain>(Guid.NewGuid())
        .Generate(request, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

    public Heard Heard { get; } = new();

    public async Task First() => (await Next()).ShouldBeTrue();

    public async Task Rest()
    {
        while (await Next())
        {
        }

        Heard.End.ShouldNotBeNull();
        await chunks.DisposeAsync();
    }

    private async Task<bool> Next()
    {
        if (!await chunks.MoveNextAsync().AsTask().WaitAsync(DemoCluster.NoHang, TestContext.Current.CancellationToken)) return false;
        Heard.Add(chunks.Current);
        return true;
    }
}
