using System.Collections.Concurrent;

namespace Splitwiser.Grains;

/// <summary>What this silo's grains are producing. The engine stops a silo without waiting for streams, so the device host does.</summary>
internal sealed class OpenStreams
{
    private readonly Open answers = new();
    private readonly Open items = new();

    /// <summary>An answer is on its way to its caller, until the result is disposed.</summary>
    public IDisposable EnterAnswer() => answers.Enter();

    /// <summary>An item of a feed is on its way to another silo.</summary>
    public IDisposable EnterItem() => items.Enter();

    /// <summary>Completes when every answer has ended that is open now.</summary>
    public Task AnswersEnded() => answers.Ended();

    /// <summary>Completes when every item has arrived that is on its way now; never for one whose silo died.</summary>
    public Task ItemsArrived() => items.Ended();

    private sealed class Open
    {
        private readonly ConcurrentDictionary<Entry, Task> entries = [];

        public IDisposable Enter() => new Entry(entries);

        public Task Ended() => Task.WhenAll(entries.Values);
    }

    private sealed class Entry : IDisposable
    {
        private readonly ConcurrentDictionary<Entry, Task> entries;
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Entry(ConcurrentDictionary<Entry, Task> entries) => (this.entries = entries).TryAdd(this, ended.Task);

        public void Dispose()
        {
            entries.TryRemove(this, out _);
            ended.TrySetResult();
        }
    }
}
