using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Tests.Models;

/// <summary>A CUDA runner driven by hand: pages are given out in a scattered order, every step keeps its logits.</summary>
internal sealed class GpuRig : IDisposable
{
    public const int Slots = 64;

    private readonly Stack<PageId> free = [];
    private int slots;

    public GpuRig(string folder, CudaRunnerOptions? options = null)
    {
        var card = Card.Required;
        using var weights = ModelFolder.Open(folder).LoadWeights(ct: TestContext.Current.CancellationToken);
        Runner = CudaRunner.Create(card.Device, weights, options ?? new CudaRunnerOptions { PageCount = 256, MaxRows = 64, MaxTokens = 512, MaxSequences = Slots });
        var ids = Enumerable.Range(0, Runner.Info.PageCount).ToArray();
        new Random(7).Shuffle(ids);
        foreach (var id in ids) free.Push(new PageId(id));
    }

    public CudaRunner Runner { get; }

    /// <summary>Where the next steps run; null for the whole device.</summary>
    public SmSplit? Split { get; set; }

    /// <summary>A sequence with pages for its prompt and <paramref name="room"/> more tokens; it may begin with another's pages.</summary>
    public Sequence Start(ReadOnlySpan<int> prompt, int room = 64, SamplingParams? sampling = null, ReadOnlySpan<PageId> shared = default)
    {
        var sequence = new Sequence(slots++ % Slots, prompt, prompt.Length, sampling ?? SamplingParams.Greedy, prompt.Length + room);
        foreach (var page in shared) sequence.AddPage(page);
        while (sequence.PageCount < PageId.CountFor(prompt.Length + room)) sequence.AddPage(free.Pop());
        return sequence;
    }

    public void Free(Sequence sequence)
    {
        foreach (var page in sequence.Pages) free.Push(page);
        sequence.DropPages();
    }

    /// <summary>Prefills in chunks of the given size from an offset on; the logits of the last position. Nothing is appended.</summary>
    public float[] Prefill(Sequence sequence, int chunk = int.MaxValue, int offset = 0, Lane lane = Lane.Prefill, int layersAtOnce = int.MaxValue)
    {
        var (end, layers) = (sequence.TokenCount, Runner.Model.LayerCount);
        for (; ; offset += chunk)
        {
            var count = Math.Min(chunk, end - offset);
            var samples = offset + count == end;
            for (var layer = 0; layer < layers; layer += Math.Min(layersAtOnce, layers))
            {
                var plan = new StepPlan { KeepLogits = true };
                plan.Add(new PrefillSegment(sequence, offset, count, samples, layersAtOnce < layers ? new LayerRange(layer, Math.Min(layers, layer + layersAtOnce)) : null));
                var result = Run(lane, plan);
                if (samples && (layersAtOnce >= layers || layer + layersAtOnce >= layers)) return result.Logits(0).ToArray();
            }
        }
    }

    /// <summary>One decode step that takes each sequence's last token; the logits by sequence. Nothing is appended.</summary>
    public float[][] Decode(params Sequence[] sequences)
    {
        var plan = new StepPlan { KeepLogits = true };
        foreach (var sequence in sequences) plan.Add(new DecodeRow(sequence, sequence.TokenCount - 1));
        var result = Run(Lane.Decode, plan);
        return [.. sequences.Select((_, row) => result.Logits(row).ToArray())];
    }

    public StepResult Run(Lane lane, StepPlan plan)
    {
        plan.Split = Split;
        var result = Runner.Run(lane, plan);
        result.Wait();
        return result;
    }

    public void Dispose() => Runner.Dispose();
}
