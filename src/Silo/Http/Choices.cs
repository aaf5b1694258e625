using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Splitwiser.Silo.Http;

/// <summary>Runs the prompts of one HTTP request, each on a request grain of its own, and gives their chunks as they come.</summary>
internal sealed class Choices(IGrainFactory grains)
{
    /// <summary>Chunks that may wait for the HTTP client; when it doesn't read, the grains are no longer pulled.</summary>
    private const int Backlog = 64;

    /// <summary>The first failure of any prompt ends all of them.</summary>
    public IAsyncEnumerable<ChoiceChunk> Run(ImmutableArray<GenerateRequest> requests, CancellationToken ct) =>
        requests.Length == 1 ? RunOne(0, requests[0], ct) : RunMany(requests, ct);

    private async IAsyncEnumerable<ChoiceChunk> RunOne(int choice, GenerateRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        var grain = grains.GetGrain<IRequestGrain>(Guid.NewGuid());
        await foreach (var chunk in grain.Generate(request, ct).WithCancellation(ct))
            yield return new(choice, chunk);
    }

    private async IAsyncEnumerable<ChoiceChunk> RunMany(ImmutableArray<GenerateRequest> requests, [EnumeratorCancellation] CancellationToken ct)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var merged = Channel.CreateBounded<ChoiceChunk>(new BoundedChannelOptions(Backlog) { SingleReader = true });
        var pumps = Task.WhenAll(requests.Select((request, choice) => Pump(choice, request, merged.Writer, ends.Token)));
        var completion = pumps.ContinueWith(_ => merged.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await foreach (var chunk in merged.Reader.ReadAllAsync(ct))
                yield return chunk;
        }
        finally
        {
            await ends.CancelAsync();
            await completion;
        }
    }

    private async Task Pump(int choice, GenerateRequest request, ChannelWriter<ChoiceChunk> merged, CancellationToken ct)
    {
        try
        {
            await foreach (var chunk in RunOne(choice, request, ct))
                await merged.WriteAsync(chunk, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Another prompt failed or the client is gone: that is told by whoever cancelled.
        }
        catch (Exception e)
        {
            merged.TryComplete(e);
        }
    }
}
