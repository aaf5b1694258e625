namespace Splitwiser.Gpu;

/// <summary>
/// One step of one lane: a prompt, a chunk of it, a slice of its layers, a decode step, or a mixed batch.
/// Made once per lane, filled anew for every step; the runner reads it until the step's result is complete.
/// </summary>
public sealed class StepPlan
{
    private readonly List<PrefillSegment> prefill = [];
    private readonly List<DecodeRow> decode = [];

    public IReadOnlyList<PrefillSegment> Prefill => prefill;
    public IReadOnlyList<DecodeRow> Decode => decode;

    /// <summary>Asks for the logits of every sampled row (for checks; costs a copy of the vocabulary per row).</summary>
    public bool KeepLogits { get; set; }

    /// <summary>The split of the device on which the step runs, each lane on its own part; null for the whole device. One of <see cref="RunnerInfo.Splits"/>.</summary>
    public SmSplit? Split { get; set; }

    /// <summary>Positions that this step computes.</summary>
    public int TokenCount { get; private set; }

    public bool IsEmpty => prefill.Count == 0 && decode.Count == 0;

    public void Add(PrefillSegment segment)
    {
        prefill.Add(segment);
        TokenCount += segment.Count;
    }

    public void Add(DecodeRow row)
    {
        decode.Add(row);
        TokenCount++;
    }

    /// <summary>Makes its prefill segments a slice of the layers; only the last slice samples.</summary>
    public void Slice(LayerRange layers, bool isLast)
    {
        for (var i = 0; i < prefill.Count; i++) prefill[i] = prefill[i] with { Layers = layers, Samples = prefill[i].Samples && isLast };
    }

    public void Clear()
    {
        prefill.Clear();
        decode.Clear();
        TokenCount = 0;
        Split = null;
    }
}

/// <summary>Positions <c>Offset .. Offset+Count-1</c> of a sequence; all before Offset are in its pages already.</summary>
/// <param name="Samples">The segment ends at the sequence's last token, and the next token is sampled from there.</param>
/// <param name="Layers">Only these layers, continuing this lane's previous step of the same segment; null for all.</param>
public readonly record struct PrefillSegment(Sequence Sequence, int Offset, int Count, bool Samples, LayerRange? Layers = null);

/// <summary>Layers <c>Start .. End-1</c>; a slice that ends at the last layer also computes the head.</summary>
public readonly record struct LayerRange(int Start, int End);

/// <summary>One token of one decoding sequence: writes the keys and values of <c>Position</c> and samples the token after it.</summary>
/// <param name="Position">Index of the input token.</param>
/// <param name="Input">Where the input token is.</param>
public readonly record struct DecodeRow(Sequence Sequence, int Position, DecodeInput Input = DecodeInput.Known);

/// <summary>Where the input token of a decode row comes from.</summary>
public enum DecodeInput
{
    /// <summary>From <see cref="Sequence.Tokens"/>.</summary>
    Known,

    /// <summary>Sampled by this lane's previous step, as a decode row or at a prompt's end, which the host has not read yet: the device feeds it back itself.</summary>
    PreviousStep,
}
