namespace Splitwiser.Gpu.Phases;

/// <summary>
/// A chunk of prompts that the prefill lane computes a few layers at a time, so that a change of partition, or a prompt that leaves, waits for
/// a slice and not for the chunk. While it is under way its sequences keep their pages, whatever becomes of them. Guarded by the device's lock.
/// </summary>
internal sealed class LayerSlices(Scheduler scheduler, int layerCount)
{
    /// <summary>Seconds of a slice, where a layer is not longer.</summary>
    private const double Long = 0.010;

    /// <summary>Slices of a chunk while nothing is known of what they cost.</summary>
    private const int FirstSlices = 4;

    private readonly List<(Generation Generation, PrefillSegment Segment)> chunk = [];
    private int next;       // layer
    private int layers;     // of a slice

    /// <summary>Slices are left to launch.</summary>
    public bool IsUnderWay => chunk.Count > 0;

    /// <summary>Layers of one slice.</summary>
    /// <param name="tokens">Positions of the chunk.</param>
    /// <param name="secondsPerToken">All layers; null when it is not known.</param>
    public static int LayersOf(int tokens, double? secondsPerToken, int layerCount)
    {
        var slices = secondsPerToken is { } seconds ? Math.Clamp((int)Math.Round(tokens * seconds / Long), 1, layerCount) : Math.Min(FirstSlices, layerCount);
        return (layerCount + slices - 1) / slices;
    }

    /// <summary>Makes a step that holds a whole chunk the first slice of it, if the chunk is long enough.</summary>
    public void Begin(Step step, double? secondsPerToken)
    {
        layers = LayersOf(step.PrefillTokens, secondsPerToken, layerCount);
        if (layers >= layerCount) return;
        for (var i = 0; i < step.Prompts.Count; i++)
        {
            chunk.Add((step.Prompts[i], step.Plan.Prefill[i]));
            step.Prompts[i].InFlight++;
        }

        next = 0;
        Take(step);
    }

    /// <summary>Fills a step with the next slice; leaves it empty when nobody wants the chunk any more.</summary>
    public void Continue(Step step)
    {
        if (!chunk.Exists(part => part.Generation.Phase == SequencePhase.Prefilling))
        {
            End();
            return;
        }

        foreach (var (generation, segment) in chunk) step.Add(generation, segment);
        Take(step);
    }

    private void Take(Step step)
    {
        var range = new LayerRange(next, Math.Min(next + layers, layerCount));
        step.Slice(range, range.End == layerCount);
        next = range.End;
        if (next == layerCount) End();      // the last slice itself holds the pages until it was read
    }

    private void End()
    {
        foreach (var (generation, _) in chunk) scheduler.LetGo(generation);
        chunk.Clear();
    }
}
