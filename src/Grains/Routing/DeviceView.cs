using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Splitwiser.Grains;

/// <summary>
/// The silo's copy of the directory, renewed by each heartbeat. Between heartbeats it books what this silo routes, or every
/// request of that time would go to the one device that was idle. A booking counts until the second renewal after it:
/// the first may bring a report that is older than the booking.
/// </summary>
public sealed class DeviceView(GrainOptions options, TimeProvider time)
{
    private readonly Lock gate = new(); // held for a walk over the devices, never across an await
    private readonly List<Booking> earlier = [];
    private readonly List<Booking> latest = [];
    private ImmutableDictionary<string, long> doubted = ImmutableDictionary<string, long>.Empty; // since when
    private uint draw = (uint)Random.Shared.Next(); // not every silo begins with the same device
    private DeviceSnapshot booked = new(0, []);
    private TaskCompletionSource renewal = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>As the directory gave it.</summary>
    public DeviceSnapshot Snapshot { get; private set; } = new(0, []);

    /// <summary>Completes at the next <see cref="Renew"/>.</summary>
    public Task Renewal
    {
        get
        {
            lock (gate)
                return renewal.Task;
        }
    }

    public void Renew(DeviceSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        lock (gate)
        {
            earlier.Clear();
            earlier.AddRange(latest);
            latest.Clear();
            Snapshot = booked = snapshot;
            foreach (var booking in earlier)
                Add(booking);
            foreach (var (device, since) in doubted)
                if (Find(device) is not { } report || report.Age < time.GetElapsedTime(since)) doubted = doubted.Remove(device);
            renewal.SetResult();
            renewal = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>
    /// A request has lost this device: the others need not lose it, too, each after a silence of its own. Until its silo has reported again; the
    /// directory may be down with it, and the snapshot stand still.
    /// </summary>
    public void Doubt(string device)
    {
        lock (gate)
            doubted = doubted.SetItem(device, time.GetTimestamp());
    }

    /// <summary>Picks a device with <see cref="RoutingPolicy"/> and books the prompt on it.</summary>
    public bool TryRoute(RoutedPrompt prompt, [NotNullWhen(true)] out string? device)
    {
        lock (gate)
        {
            if (!RoutingPolicy.TryPick(booked, prompt with { Draw = draw++, Doubted = [.. doubted.Keys] }, out device, options.Routing))
                return false;
            var booking = new Booking(device, prompt.UncachedOn(Find(device)!));
            latest.Add(booking);
            Add(booking);
            return true;
        }
    }

    private void Add(Booking booking)
    {
        if (Find(booking.Device) is not { } report) return;
        var busier = report with { Waiting = report.Waiting + 1, QueuedTokens = report.QueuedTokens + booking.Tokens };
        booked = booked with { Devices = booked.Devices.Replace(report, busier) };
    }

    private DeviceReport? Find(string device) => booked.Devices.FirstOrDefault(report => report.Device == device);

    private readonly record struct Booking(string Device, int Tokens);
}
