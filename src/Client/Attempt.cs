using Orleans.Runtime;

namespace Splitwiser.Client;

/// <summary>One request grain at work on an answer, watched by a deadline of our own: a dead silo may say nothing for long.</summary>
internal sealed class Attempt : IAsyncDisposable
{
    /// <summary>Before its first chunk a grain that knows nothing of the request may not have got it yet: on a crowded silo questions overtake it.</summary>
    private const int OvertakenQuestions = 3;

    /// <summary>A grain that waits for its reader may have made the chunk just now; when it still does at the next question, the chunk is lost.</summary>
    private const int ParkedQuestions = 2;

    private readonly IRequestGrain grain;
    private readonly ResumeOptions options;
    private readonly TimeProvider time;
    private readonly CancellationToken caller;
    private readonly CancellationTokenSource ends;
    private readonly IAsyncEnumerator<TokenChunk> chunks;
    private readonly bool resumes;
    private Task<bool>? pending;
    private bool started;
    private bool lost;

    public Attempt(IRequestGrain grain, GenerateRequest request, ResumeOptions options, TimeProvider time, CancellationToken caller)
    {
        this.grain = grain;
        this.options = options;
        this.time = time;
        this.caller = caller;
        resumes = !request.Delivered.IsEmpty;
        ends = CancellationTokenSource.CreateLinkedTokenSource(caller);
        chunks = grain.Generate(request, ends.Token).GetAsyncEnumerator(ends.Token);
    }

    /// <summary>Why there are no more chunks.</summary>
    public string Loss { get; private set; } = "a chunk was missing";

    /// <summary>The grain lived, and found no device for it.</summary>
    public bool LacksDevices { get; private set; }

    /// <summary>The next chunk; null when the grain is lost.</summary>
    public async ValueTask<TokenChunk?> Next()
    {
        try
        {
            var next = chunks.MoveNextAsync();
            if (!next.IsCompleted)
            {
                pending = next.AsTask();
                next = new(await Watched(pending));
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
            LacksDevices = e is RequestLostException or RequestRefusedException;
        }

        lost = true;
        return null;
    }

    /// <summary>
    /// Tells the grain that nobody reads any more, and waits for that as long as a living silo needs. For a lost one nobody waits: its silo may
    /// never answer, and the answer stands still.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await ends.CancelAsync();
        var closed = Close();
        if (!lost) await Task.WhenAny(closed, Task.Delay(TimeSpan.FromSeconds(1), time, CancellationToken.None));
    }

    /// <summary>Waits, and asks the grain after each silence how the request stands: a silo that was killed says nothing for long, and a gateway that was may take a chunk with it.</summary>
    private async Task<bool> Watched(Task<bool> next)
    {
        var (patience, questions) = (started ? options.NextChunk : options.FirstChunk, started ? 1 : OvertakenQuestions);
        var parked = 0;
        var asked = time.GetTimestamp();
        while (!await Settles(next, options.Silence))
        {
            if (time.GetElapsedTime(asked) >= patience) throw new TimeoutException($"no chunk came within {patience}");
            var state = await grain.State(ends.Token).WaitAsync(options.SignOfLife, time, caller);
            parked = state == RequestState.WaitsForReader ? parked + 1 : 0;
            if (parked == ParkedQuestions && !next.IsCompleted) throw new TimeoutException("a chunk that the request grain made was lost on the way");
            if (state == RequestState.Unknown && !await Settles(next, options.Silence / 2) && --questions == 0) // it may have ended just now, with its last chunk under way
                throw new TimeoutException("the request grain does not know of the request any more");
        }

        return await next;
    }

    private async Task<bool> Settles(Task next, TimeSpan within)
    {
        await next.WaitAsync(within, time, caller).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!next.IsCompleted) caller.ThrowIfCancellationRequested();
        return next.IsCompleted;
    }

    private bool IsLoss(Exception e) => e switch
    {
        // Also a gateway that has just died, and where the grain was to be: its place in the directory may be on that silo.
        OrleansException or TimeoutException or EnumerationAbortedException => true,
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
