namespace Splitwiser.Embedded;

/// <summary>The open streams of one activation. All in its turns.</summary>
internal sealed class Streams(Activation activation)
{
    private readonly Dictionary<Guid, Producer> open = [];
    private Timer? watch; // runs while a stream is open

    public void Add(Guid id, Producer producer)
    {
        open.Add(id, producer);
        var period = activation.Silo.Messaging.ResponseTimeout;
        watch ??= new(_ => activation.Post(CloseForsaken), null, period, period);
    }

    public Producer? Find(Guid id) => open.GetValueOrDefault(id);

    public async Task Close(Guid id)
    {
        if (!open.Remove(id, out var producer)) return;
        if (open.Count == 0)
        {
            watch!.Dispose();
            watch = null;
        }
        await producer.Close();
    }

    public Task Cut() => Task.WhenAll(open.Keys.ToArray().Select(Close));

    private void CloseForsaken()
    {
        foreach (var (id, producer) in open.ToArray())
            if (producer.IsForsaken()) _ = Close(id);
    }
}
