using System.Collections.Immutable;

namespace Splitwiser.Grains;

/// <summary>The devices that one request was sent to: chooses the next one, and gives up in the end.</summary>
internal sealed class Journey(RequestPlan plan, DeviceView view, FullDevices known, GrainOptions options, TimeProvider time)
{
    private ImmutableHashSet<string> lost = [];
    private ImmutableHashSet<string> silent = [];
    private ImmutableHashSet<string> full = [];
    private RequestRefusedException? refusal;
    private int attempts;

    /// <summary>Set by the first handoff: from then on the request can't be refused, only lost.</summary>
    public bool Admitted { get; set; }

    /// <summary>Routes the work. Waits a moment while no device is up or, for an admitted request, while all are full.</summary>
    /// <exception cref="RequestRefusedException">No room, or no device.</exception>
    /// <exception cref="RequestLostException">The same for an admitted request, or too many attempts.</exception>
    public async Task<string> Next(PrefillRequest work, CancellationToken cancellationToken)
    {
        if (attempts++ == options.MaxAttempts) throw Over();
        var prompt = plan.Routed(work);
        for (var asked = time.GetTimestamp(); ;)
        {
            var renewal = view.Renewal;
            if (view.TryRoute(prompt with { Tried = lost.Union(full).Union(silent) }, out var device)) return device;
            if (!silent.IsEmpty && view.TryRoute(prompt with { Tried = lost.Union(full) }, out device)) return device;
            var left = options.RouteDeadline - time.GetElapsedTime(asked);
            if (left <= TimeSpan.Zero || (refusal is not null && !Admitted)) throw Over();
            await renewal.WaitAsync(left, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            full = [];
        }
    }

    public void Lost(string device)
    {
        lost = lost.Add(device);
        view.Doubt(device);
    }

    /// <summary>It fell silent in the middle of the answer. It may only have been slow: it is asked again when there is no other.</summary>
    public void Left(string device)
    {
        silent = silent.Add(device);
        view.Doubt(device);
    }

    /// <summary>Goes on when the device is full, and remembers the one that will have room first; when the request is at fault, no other would take it.</summary>
    public void Refused(string device, RequestRefusedException reason)
    {
        if (refusal is null || reason.Reason != RefusalReason.QueueFull || reason.RetryAfter < refusal.RetryAfter) refusal = reason;
        full = full.Add(device);
        known.Add(device, plan.Priority, reason);
        if (reason.Reason != RefusalReason.QueueFull) throw Over();
    }

    private Exception Over() => Admitted
        ? new RequestLostException(LossReason.DevicesLost, $"{Devices()}, and no other could go on.")
        : refusal ?? new RequestRefusedException(RefusalReason.Unavailable, lost.IsEmpty && silent.IsEmpty ? $"No device that serves {plan.Model} is up." : $"{Devices()}, and no other is up.");

    private string Devices() => $"Lost: {string.Join(", ", lost.Union(silent).Order())}";
}
