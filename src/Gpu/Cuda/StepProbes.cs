using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Cuda;

/// <summary>What the probes of one step want: where the device leaves it, and how it gets to them once the step is complete.</summary>
internal sealed unsafe class StepProbes(int hiddenSize)
{
    private readonly List<(ProbedPositions Positions, int Pool, int Score)> wanted = [];     // with the first row of each kind
    private HostMemory memory;      // sums (pools, hidden), scores (scores), tops (scores, TopLimit), counts (scores)
    private int pools, scores;

    /// <summary>Addresses for the device.</summary>
    public ProbeHeader Header => new(new StepHeader(At(ScoresAt), At(CountsAt), At(TopsAt)), At(0));

    private long ScoresAt => (long)pools * hiddenSize * sizeof(double);
    private long TopsAt => ScoresAt + (long)scores * sizeof(TokenLogprob);
    private long CountsAt => TopsAt + (long)scores * SampleRecord.TopLimit * sizeof(TokenLogprob);

    public static long BytesFor(in StepShape shape, int hiddenSize) =>
        (long)shape.Pools * hiddenSize * sizeof(double) + (long)shape.Scores * ((1 + SampleRecord.TopLimit) * sizeof(TokenLogprob) + sizeof(int));

    /// <param name="room">Takes the results; nobody else uses it until they are shown.</param>
    public void Begin(in StepShape shape, HostMemory room)
    {
        wanted.Clear();
        (memory, pools, scores) = (room, shape.Pools, shape.Scores);
    }

    /// <param name="pool">Row of the sums.</param>
    /// <param name="score">Row of its first score; the others follow.</param>
    public void Add(ProbedPositions positions, int pool, int score) => wanted.Add((positions, pool, score));

    /// <summary>Gives the results to the probes, once.</summary>
    public void Show()
    {
        foreach (var (positions, pool, score) in wanted)
        {
            for (var i = 0; i < positions.ScoredCount; i++)
                positions.Probe.Take(positions.First + i, memory.As<TokenLogprob>(ScoresAt, scores)[score + i], TopsOf(score + i));
            positions.Probe.SeeAll(positions.End, positions.PooledCount > 0 ? memory.As<double>((long)pool * hiddenSize * sizeof(double), hiddenSize) : []);
        }
        wanted.Clear();
    }

    private Span<TokenLogprob> TopsOf(int score) =>
        memory.As<TokenLogprob>(TopsAt + (long)score * SampleRecord.TopLimit * sizeof(TokenLogprob), memory.As<int>(CountsAt, scores)[score]);

    private ulong At(long offset) => (ulong)memory.Address + (ulong)offset;
}
