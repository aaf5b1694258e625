using System.Collections.Concurrent;

namespace Splitwiser.Grains;

/// <summary>
/// What refusals leave behind: the devices that had no room a moment ago, and for whom. A device refuses by what goes before a prompt and
/// not by the prompt, so for that moment it would refuse every other one of that priority, or of a lower one, too: it need not be asked.
/// </summary>
public sealed class FullDevices(DeviceView view, ServedModel model, GrainOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Note> notes = []; // by device

    /// <summary>The refusal that a new prompt of this priority would get from every open device; null when one may have room, or none is open.</summary>
    public RequestRefusedException? Refusal(int priority)
    {
        if (notes.IsEmpty) return null;
        RequestRefusedException? soonest = null;
        foreach (var device in view.Snapshot.Devices)
        {
            if (!device.Open || device.Model != model.Name) continue;
            if (!notes.TryGetValue(device.Device, out var note) || note.Priority > priority || !IsFresh(note)) return null;
            if (soonest is null || note.Refusal.RetryAfter < soonest.RetryAfter) soonest = note.Refusal;
        }

        return soonest;
    }

    /// <summary>A device has refused a prompt of this priority.</summary>
    internal void Add(string device, int priority, RequestRefusedException refusal)
    {
        if (refusal.Reason != RefusalReason.QueueFull) return;
        var note = new Note(priority, refusal, time.GetTimestamp());
        notes.AddOrUpdate(device, note, (_, known) => known.Priority < priority && IsFresh(known) ? known : note); // who refuses the higher one refuses the lower
    }

    private bool IsFresh(Note note) => time.GetElapsedTime(note.Since) < options.FullMemory;

    private sealed record Note(int Priority, RequestRefusedException Refusal, long Since);
}
