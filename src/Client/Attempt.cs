using Orleans.Runtime;

namespace Splitwiser.Client;

/// <summary>One request grain at work on an answer, watched by a deadline of our own: a dead silo may say nothing for long.</summary>
internal sealed class Attempt : IAsyncDisposable
{
    private readonly ResumeOptions options;
    private readonly TimeProvider time;
    private readonly CancellationToken caller;
    private readonly CancellationTokenSource ends;
    private readonly IAsyncEnumerator<TokenChunk> chunks;
    private readonly bool resumes;
    private Task<bool>? pending;
    private bool started;

    public Attempt(IRequestGrain grain, GenerateRequest request, ResumeOptions options, TimeProvider time, CancellationToken caller)
    {
        this.options = options;
        this.time = time;
        this.caller = caller;
        resumes = !request.Delivered.IsEmpty;
        ends = CancellationTokenSource.CreateLinkedTokenSource(caller);
        chunks = grain.Generate(request, ends.Token).GetAsyncEnumerator(ends.Token);
    }

    /// <summary>Why there are no more chunks.</summary>
    public string Loss { get; private set; } = "a chunk was missing";

    /// <summary>The next chunk; null when the grain is lost.</summary>
    public async ValueTask<TokenChunk?> Next()
    {
        try
        {
            var next = chunks.MoveNextAsync();
            if (!next.IsCompleted)
            {
                pending = next.AsTask();
                next = new(await pending.WaitAsync(started ? options.NextChunk : options.FirstChunk, time, caller));
                pending = null;
            }

            if (await next)
            {
                started = true;
                return chunks.Current;
            }

            Loss = "the stream ended before the answer's end";
        }
        catch (Exception e) when (IsLoss(e))
        {
            Loss = e.Message;
        }

        return null;
    }

    /// <summary>Tells the grain that nobody reads any more, and waits for that only as long as a living silo needs.</summary>
    public async ValueTask DisposeAsync()
    {
        await ends.CancelAsync();
        await Task.WhenAny(Close(), Task.Delay(TimeSpan.FromSeconds(1), time, CancellationToken.None));
    }

    private bool IsLoss(Exception e) => e switch
    {
        SiloUnavailableException or TimeoutException or EnumerationAbortedException => true,
        RequestLostException lost => lost.Reason == LossReason.DevicesLost,
        RequestRefusedException refused => resumes && refused.Reason is (RefusalReason.QueueFull or RefusalReason.Unavailable),
        _ => false,
    };

    private async Task Close()
    {
        try
        {
            if (pending is not null)
                await pending;
            await chunks.DisposeAsync();
        }
        catch (Exception e) when (e is OperationCanceledException || IsLoss(e))
        {
            // It ended, one way or the other.
        }
        finally
        {
            ends.Dispose();
        }
    }
}
