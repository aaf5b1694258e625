namespace Splitwiser.Gpu.Phases;

/// <summary>One step of a lane from plan to result. Reused for every step at its place in the lane's queue.</summary>
internal sealed class Step
{
    public StepPlan Plan { get; } = new();

    /// <summary>Whose the plan's prefill segments and decode rows are, in the plan's order.</summary>
    public List<Generation> Prompts { get; } = [];

    public List<Generation> Decodes { get; } = [];

    public long Number { get; private set; }

    public Lane Lane { get; private set; }

    public StepResult? Result { get; set; }

    /// <summary>A step of the other lane was in flight when this one was launched.</summary>
    public bool StartedBeside { get; set; }

    public StepKind Kind => Plan.Prefill.Count == 0 ? StepKind.Decode : Plan.Decode.Count == 0 ? StepKind.Prefill : StepKind.Mixed;

    /// <summary>Tokens in the contexts of its decode rows.</summary>
    public long Context { get; private set; }

    /// <summary>The layers of its prompts that it computes; null for all.</summary>
    public LayerRange? Layers { get; private set; }

    /// <summary>With it its prompt positions are computed, not only some layers of them.</summary>
    public bool EndsChunk { get; private set; } = true;

    /// <summary>Empties it for a lane's next step.</summary>
    public void Begin(Lane lane, long number)
    {
        Plan.Clear();
        Prompts.Clear();
        Decodes.Clear();
        Result = null;
        Context = 0;
        Layers = null;
        EndsChunk = true;
        Lane = lane;
        Number = number;
    }

    /// <summary>Prompt positions that it computes.</summary>
    public int PrefillTokens => Plan.TokenCount - Plan.Decode.Count;

    public void Add(Generation generation, PrefillSegment segment)
    {
        Plan.Add(segment);
        Prompts.Add(generation);
        Touch(generation);
        generation.Launched = segment.Offset + segment.Count;
    }

    /// <summary>Its prompts' chunk is computed by layers, and these are its own.</summary>
    public void Slice(LayerRange layers, bool isLast)
    {
        Plan.Slice(layers, isLast);
        (Layers, EndsChunk) = (layers, isLast);
    }

    public void Add(Generation generation, DecodeRow row)
    {
        Plan.Add(row);
        Decodes.Add(generation);
        Touch(generation);
        Context += row.Position + 1;
    }

    /// <summary>It is launched: a token of each of its rows is under way.</summary>
    public void Launch()
    {
        for (var i = 0; i < Prompts.Count; i++)
            if (Plan.Prefill[i].Samples) Prompts[i].Ahead++;
        foreach (var generation in Decodes) generation.Ahead++;
    }

    private void Touch(Generation generation)
    {
        generation.InFlight++;
        generation.InFlightLane = Lane;
        generation.LastStep = Number;
    }
}

/// <summary>What a step computes.</summary>
public enum StepKind
{
    Prefill,
    Decode,
    Mixed,
}
