using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Splitwiser.Client;
using Splitwiser.Silo.Safety;

namespace Splitwiser.Silo.Http;

/// <summary>
/// Runs the answers of one HTTP request, each on a request grain of its own and on another if that is lost, and gives their chunks as they come. Of several answers
/// to one prompt the first goes ahead: once it has its first token, the others lease the prompt's full pages instead of computing them.
/// </summary>
internal sealed class Choices(IGrainFactory grains, PromptLimit limit)
{
    // A request grain may be lost though it was placed here: the engine ends grains whose place in its directory died with another silo.
    private readonly SplitwiserClient client = new(grains);

    /// <summary>Chunks that may wait for the HTTP client; when it doesn't read, the grains are no longer pulled.</summary>
    private const int Backlog = 64;

    /// <summary>Choice <c>prompt * each + i</c> is the prompt's i-th answer. The first failure of any answer ends all of them.</summary>
    /// <param name="each">Answers to each prompt.</param>
    /// <exception cref="ApiException">400: a prompt is longer than what is tokenized at all.</exception>
    public IAsyncEnumerable<ChoiceChunk> Run(ImmutableArray<GenerateRequest> prompts, int each, CancellationToken ct)
    {
        foreach (var prompt in prompts)
            limit.Check(prompt.Text);
        if (prompts.Length * each == 1)
            return RunOne(0, prompts[0], ct);
        var call = Guid.NewGuid();
        return RunMany([.. prompts.Select(prompt => prompt with { Call = call })], each, ct);
    }

    private async IAsyncEnumerable<ChoiceChunk> RunOne(int choice, GenerateRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var chunk in client.GenerateAsync(request, ct))
            yield return new(choice, chunk);
    }

    private async IAsyncEnumerable<ChoiceChunk> RunMany(ImmutableArray<GenerateRequest> prompts, int each, [EnumeratorCancellation] CancellationToken ct)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var merged = Channel.CreateBounded<ChoiceChunk>(new BoundedChannelOptions(Backlog) { SingleReader = true });
        var pumps = Task.WhenAll(prompts.SelectMany((prompt, place) => Pumps(prompt, place * each, each, merged.Writer, ends.Token)));
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

    private IEnumerable<Task> Pumps(GenerateRequest prompt, int first, int each, ChannelWriter<ChoiceChunk> merged, CancellationToken ct)
    {
        var start = new TaskCompletionSource<GenerationStart>(TaskCreationOptions.RunContinuationsAsynchronously); // of the first answer
        return Enumerable.Range(0, each).Select(place => Pump(prompt, first, place, start, merged, ct)).ToArray();
    }

    private async Task Pump(
        GenerateRequest prompt, int first, int place, TaskCompletionSource<GenerationStart> start, ChannelWriter<ChoiceChunk> merged, CancellationToken ct)
    {
        try
        {
            var leader = place == 0 ? null : await start.Task.WaitAsync(ct);
            await foreach (var (choice, chunk) in RunOne(first + place, leader is null ? prompt : Sibling(prompt, place, leader), ct))
            {
                if (leader is null && chunk.Start is { } begun)
                    start.TrySetResult(begun);
                var shared = leader is not null && chunk.Start is { } own ? own with { PromptLogprobs = leader.PromptLogprobs } : chunk.Start;
                await merged.WriteAsync(new(choice, chunk with { Start = shared }), ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Another answer failed or the client is gone: that is told by whoever cancelled.
        }
        catch (Exception e)
        {
            merged.TryComplete(e);
        }
    }

    /// <summary>Another answer to the same prompt: where its pages are, and with random numbers of its own.</summary>
    private static GenerateRequest Sibling(GenerateRequest prompt, int place, GenerationStart first) => prompt with
    {
        Text = null,
        TokenIds = first.PromptIds,
        Beside = first.Device,
        PromptLogprobs = null, // the first answer's are the same
        Sampling = prompt.Sampling with { Seed = unchecked(prompt.Sampling.Seed + place) },
    };
}
