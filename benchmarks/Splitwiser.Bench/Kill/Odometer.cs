namespace Splitwiser.Bench.Kill;

/// <summary>Counts the tokens of all streams, and says when there were so many.</summary>
internal sealed class Odometer(int streams, int mark)
{
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int count;
    private int ended;

    /// <summary>Completes at the mark, and when every stream has ended before it.</summary>
    public Task Reached => reached.Task;

    public int Open => streams - Volatile.Read(ref ended);

    public void Add(int tokens)
    {
        if (Interlocked.Add(ref count, tokens) >= mark) reached.TrySetResult();
    }

    public void Ended()
    {
        if (Interlocked.Increment(ref ended) == streams) reached.TrySetResult();
    }
}
