using System.Collections.Concurrent;

namespace Splitwiser.Grains;

/// <summary>The streams that this silo's grains are producing. The engine stops a silo without waiting for them, so the device host does.</summary>
internal sealed class OpenStreams
{
    private readonly ConcurrentDictionary<Stream, Task> open = [];

    public IDisposable Enter() => new Stream(this);

    /// <summary>Completes when every stream has ended that is open now.</summary>
    public Task Ended() => Task.WhenAll(open.Values);

    private sealed class Stream : IDisposable
    {
        private readonly OpenStreams streams;
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Stream(OpenStreams streams) => (this.streams = streams).open.TryAdd(this, ended.Task);

        public void Dispose()
        {
            streams.open.TryRemove(this, out _);
            ended.TrySetResult();
        }
    }
}
