namespace Splitwiser.Gpu.Phases;

/// <summary>The steps of one lane that are in flight, oldest first. Only the thread that drives the lane launches and reads; counts are guarded by the device's lock.</summary>
internal sealed class LaneQueue(Lane lane, int depth)
{
    private readonly Step[] steps = [.. Enumerable.Range(0, depth).Select(_ => new Step())];
    private long launched;
    private long read;

    public int InFlight => (int)(launched - read);

    public bool IsFull => InFlight == steps.Length;

    /// <summary>The lane's next step, empty. It counts as launched only by <see cref="Commit"/>.</summary>
    public Step Next()
    {
        if (IsFull) throw new InvalidOperationException($"Lane {lane} has {depth} unread steps already.");
        var step = steps[launched % depth];
        step.Begin(lane, launched + 1);
        return step;
    }

    public void Commit() => launched++;

    public Step Oldest => InFlight > 0 ? steps[read % depth] : throw new InvalidOperationException($"Lane {lane} has no step in flight.");

    /// <summary>The last step that was launched.</summary>
    public Step Newest => InFlight > 0 ? steps[(launched - 1) % depth] : throw new InvalidOperationException($"Lane {lane} has no step in flight.");

    public void MarkRead() => read++;
}
