using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Tests.Emulation;

/// <summary>
/// The end of a CUDA runner's prefill steps, emulated: given what the layers left of every position, the final norm, the sums, the head and the scores
/// run as Forward launches them, over steps that are laid out and read as a lane does it.
/// </summary>
internal sealed unsafe class ProbedTail : IDisposable
{
    private const int Hidden = 96, Vocabulary = 77, Rows = 3, Slots = 8, Pages = 64;

    private readonly HostKernel norm = HostKernel.Of("RmsNorm.cu", "rms_norm"), pool = HostKernel.Of("PoolRows.cu", "pool_rows");
    private readonly HostKernel product = HostKernel.Of("SkinnyGemm.cu", "skinny_gemm", "BATCH_ROWS=8"), score = HostKernel.Of("ScorePrompt.cu", "score_prompt");
    private readonly ModelConfig model = Card.Shape(16) with { HiddenSize = Hidden, VocabularySize = Vocabulary };
    private readonly Numbers numbers = new();
    private readonly int order;
    private readonly StepMeasure measure;
    private readonly StepInputs layouter = new(Slots, Pages, turns: null);
    private readonly List<Prompt> prompts = [];
    private readonly Queue<(StepProbes Probes, HostArray<byte> Room)> inFlight = [];
    private readonly ushort[] normWeight, head;

    public ProbedTail(int order)
    {
        this.order = order;
        measure = new StepMeasure(model, new CudaRunnerOptions { MaxRows = Slots, MaxTokens = 64, MaxSequences = Slots }, Pages, processors: 4);
        (normWeight, head) = (numbers.Bf16s(Hidden, 0.3f, 1), numbers.Bf16s(Vocabulary * Hidden, 0.1f));
        foreach (var (pooling, tops) in new (Pooling?, int?)[] { (Pooling.Mean, null), (Pooling.Last, null), (null, 3), (Pooling.Mean, 2), (Pooling.Last, 0) }) Add(new(Length(), Hidden, pooling, tops));
        Add(null);
        Add(new(1, Hidden, Pooling.Mean, 1));       // nothing to score in a prompt of one token
    }

    /// <summary>Runs the next step. False when every prompt is through and everything was read.</summary>
    public bool Step()
    {
        if (prompts.All(prompt => prompt.IsThrough))
        {
            while (inFlight.Count > 0) Read();
            return false;
        }
        if (numbers.Next(6) == 0) Preempt();
        var plan = new StepPlan();
        var (x, delta) = (new List<ushort>(), new List<ushort>());
        foreach (var prompt in prompts.Where(prompt => !prompt.IsThrough && numbers.Next(3) > 0))
        {
            var count = 1 + numbers.Next(Math.Min(9, prompt.Sequence.TokenCount - prompt.Launched));
            plan.Add(new PrefillSegment(prompt.Sequence, prompt.Launched, count, Samples: prompt.Launched + count == prompt.Sequence.TokenCount));
            x.AddRange(prompt.X.AsSpan(prompt.Launched * Hidden, count * Hidden));
            delta.AddRange(prompt.Delta.AsSpan(prompt.Launched * Hidden, count * Hidden));
            prompt.Launched += count;
        }
        if (plan.IsEmpty) return true;
        Launch(plan, [.. x], [.. delta]);
        if (inFlight.Count == 2) Read();
        return true;
    }

    public void Check()
    {
        using var twin = new CpuTwin();
        foreach (var prompt in prompts)
        {
            if (prompt.Sequence.Probe is not { } probe) continue;
            probe.IsComplete.ShouldBeTrue(What);
            var expected = Expected(prompt, probe, twin);
            if (probe.Pooling is not null)
                Numbers.Distance([.. probe.Pooled().Select(value => (double)value)], [.. expected.Pooled().Select(value => (double)value)]).ShouldBeLessThan(6e-3, What);
            for (var i = 0; i < expected.Logprobs.Length; i++)
            {
                probe.Logprobs[i].TokenId.ShouldBe(expected.Logprobs[i].TokenId, What);
                probe.Logprobs[i].Logprob.ShouldBe(expected.Logprobs[i].Logprob, 3e-2f, What);
                probe.TopOf(i).Length.ShouldBe(expected.TopOf(i).Length, What);
                for (var j = 0; j < probe.TopOf(i).Length; j++) probe.TopOf(i)[j].Logprob.ShouldBe(expected.TopOf(i)[j].Logprob, 3e-2f, What);
            }
        }
    }

    public void Dispose()
    {
        foreach (var (_, room) in inFlight) room.Dispose();
    }

    private string What => $"order {order}, seed {numbers.Seed}";

    private int Length() => 2 + numbers.Next(14);

    private void Add(PromptProbe? probe)
    {
        var length = probe?.Length ?? Length();
        var tokens = Enumerable.Range(0, length).Select(_ => numbers.Next(Vocabulary)).ToArray();
        var sequence = new Sequence(prompts.Count, tokens, length, SamplingParams.Greedy, length + 1) { Probe = probe };
        for (var page = 0; page < PageId.CountFor(length); page++) sequence.AddPage(new PageId(prompts.Count + page));
        prompts.Add(new Prompt(sequence, numbers.Bf16s(length * Hidden), numbers.Bf16s(length * Hidden, 0.3f)));
    }

    /// <summary>One prompt loses its pages: once its steps are read it begins anew.</summary>
    private void Preempt()
    {
        while (inFlight.Count > 0) Read();
        prompts[numbers.Next(prompts.Count)].Launched = 0;
    }

    private void Launch(StepPlan plan, ushort[] x, ushort[] delta)
    {
        var shape = measure.Measure(plan);
        var layout = new StepLayout(shape);
        var bytes = layout.Lists + measure.ListInts * sizeof(int);
        using var inputs = new HostArray<byte>(bytes);
        var room = new HostArray<byte>((int)StepProbes.BytesFor(shape, Hidden));
        var probes = new StepProbes(Hidden);
        probes.Begin(shape, new HostMemory((nint)room.Pointer, StepProbes.BytesFor(shape, Hidden)));
        layouter.Fill(plan, shape, measure.ListInts, new HostMemory((nint)inputs.Pointer, bytes), default, probes).ShouldBe(bytes);
        inFlight.Enqueue((probes, room));
        if (!shape.IsProbed) return;

        using var hostX = new HostArray<ushort>(x);
        using var hostDelta = new HostArray<ushort>(delta);
        using var weight = new HostArray<ushort>(normWeight);
        using var matrix = new HostArray<ushort>(head);
        using var normed = new HostArray<ushort>(x.Length);
        using var headInput = new HostArray<ushort>(Rows * Hidden);
        using var logits = new HostArray<float>(Rows * Vocabulary);
        var header = inputs.Pointer + (ulong)layout.Probes;
        norm.Run(new Grid(shape.Tokens), 256, new RmsNormParams(hostX.Pointer, hostDelta.Pointer, weight.Pointer, normed.Pointer, 0, Hidden, model.NormEpsilon), order).ShouldBeNull();
        if (shape.Pools > 0)
            pool.Run(new Grid((Hidden + PoolParams.Columns - 1) / PoolParams.Columns, shape.Pools), ModelKernels.PoolThreads,
                new PoolParams(normed.Pointer, inputs.Pointer + (ulong)layout.Pools, header, Hidden), order).ShouldBeNull();
        for (var first = 0; first < shape.Scores; first += Rows)
        {
            var count = Math.Min(Rows, shape.Scores - first);
            norm.Run(new Grid(count), 256, new RmsNormParams(hostX.Pointer, 0, weight.Pointer, headInput.Pointer, inputs.Pointer + (ulong)(layout.ScoredRows + first * sizeof(int)), Hidden, model.NormEpsilon), order).ShouldBeNull();
            product.Run(new Grid(2), 256, new SkinnyGemmParams(headInput.Pointer, matrix.Pointer, 0, 0, logits.Pointer, count, Vocabulary, Hidden, 1, 0), order).ShouldBeNull();
            score.Run(new Grid(count), ModelKernels.SamplingThreads,
                new ScoreParams(logits.Pointer, inputs.Pointer + (ulong)(layout.Scores + first * sizeof(ScoredRecord)), header, first, Vocabulary), order).ShouldBeNull();
        }
    }

    private void Read()
    {
        var (probes, room) = inFlight.Dequeue();
        probes.Show();
        room.Dispose();
    }

    private PromptProbe Expected(Prompt prompt, PromptProbe like, CpuTwin twin)
    {
        var (sequence, length) = (prompt.Sequence, prompt.Sequence.TokenCount);
        float* x = twin.Floats(prompt.X), delta = twin.Floats(prompt.Delta), hidden = twin.Room(length * Hidden), logits = twin.Room(length * Vocabulary);
        CpuTwin.Run(new AddRows { X = delta, Y = x, Rows = length, Dim = Hidden });
        CpuTwin.Run(new RmsNorm { X = x, XStride = Hidden, Y = hidden, YStride = Hidden, Weight = twin.Floats(normWeight), Rows = length, Dim = Hidden, Epsilon = model.NormEpsilon });
        CpuTwin.Run(new Cpu.MatMul { X = hidden, Rows = length, YStride = Vocabulary, First = new Projection(twin.Matrix(head, Vocabulary, Hidden, null), logits) });
        var probe = new PromptProbe(length, Hidden, like.Pooling, like.TopLogprobs);
        var sampler = new Sampler(Vocabulary);
        for (var position = 0; position < length; position++)
        {
            if (!probe.Wants(position)) continue;
            probe.See(position, new(hidden + position * Hidden, Hidden));
            if (probe.Scores(position)) probe.Score(position, new(logits + position * Vocabulary, Vocabulary), sequence.Tokens[position + 1], sampler);
        }
        return probe;
    }

    /// <param name="X">(tokens, hidden) what the layers left of the residual stream.</param>
    /// <param name="Delta">(tokens, hidden) what the last one gave and is not in it yet.</param>
    private sealed record Prompt(Sequence Sequence, ushort[] X, ushort[] Delta)
    {
        public int Launched { get; set; }

        public bool IsThrough => Launched == Sequence.TokenCount;
    }
}
