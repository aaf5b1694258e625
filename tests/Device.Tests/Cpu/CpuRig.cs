using System.Text.Json;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Cpu;

/// <summary>A CPU runner driven by hand: pages are given out in a scattered order, every step keeps its logits.</summary>
internal sealed class CpuRig : IDisposable
{
    private readonly DecoderWeights weights;
    private readonly Stack<PageId> free = [];
    private int slots;

    public CpuRig(DecoderWeights weights, int threads = 2, int pages = 96, int maxTokens = 256, int maxRows = 32)
    {
        this.weights = weights;
        Runner = new CpuRunner(weights, new CpuRunnerOptions { Threads = threads, PageCount = pages, MaxRows = maxRows, MaxTokens = maxTokens, MaxSequences = 64 });
        var ids = Enumerable.Range(0, pages).ToArray();
        new Random(7).Shuffle(ids);
        foreach (var id in ids) free.Push(new PageId(id));
    }

    public CpuRig(string folder, int threads = 2) : this(ModelFolder.Open(folder).LoadWeights(), threads)
    {
    }

    public CpuRunner Runner { get; }

    /// <summary>A sequence with pages for its prompt and <paramref name="room"/> more tokens; it may begin with another's pages.</summary>
    public Sequence Start(ReadOnlySpan<int> prompt, int room = 32, SamplingParams? sampling = null, ReadOnlySpan<PageId> shared = default)
    {
        var sequence = new Sequence(slots++ % 64, prompt, prompt.Length, sampling ?? SamplingParams.Greedy, prompt.Length + room);
        foreach (var page in shared) sequence.AddPage(page);
        while (sequence.PageCount < PageId.CountFor(prompt.Length + room)) sequence.AddPage(free.Pop());
        return sequence;
    }

    public void Free(Sequence sequence)
    {
        foreach (var page in sequence.Pages) free.Push(page);
        sequence.DropPages();
    }

    /// <summary>Prefills in chunks of the given size from an offset on; the logits of the last position. The sampled token is appended.</summary>
    public float[] Prefill(Sequence sequence, int chunk = int.MaxValue, int offset = 0, Lane lane = Lane.Prefill)
    {
        for (var end = sequence.TokenCount; ;)
        {
            var count = Math.Min(chunk, end - offset);
            var samples = offset + count == end;
            var plan = new StepPlan { KeepLogits = true };
            plan.Add(new PrefillSegment(sequence, offset, count, samples));
            var result = Run(lane, plan);
            offset += count;
            if (!samples) continue;
            sequence.Append(result.Sampled[0].TokenId);
            return result.Logits(0).ToArray();
        }
    }

    /// <summary>One decode step of all; the logits by sequence. The sampled tokens are appended.</summary>
    public float[][] Decode(params Sequence[] sequences)
    {
        var plan = new StepPlan { KeepLogits = true };
        foreach (var sequence in sequences) plan.Add(new DecodeRow(sequence, sequence.TokenCount - 1));
        var result = Run(Lane.Decode, plan);
        var logits = sequences.Select((_, row) => result.Logits(row).ToArray()).ToArray();
        for (var row = 0; row < sequences.Length; row++) sequences[row].Append(result.Sampled[row].TokenId);
        return logits;
    }

    public StepResult Run(Lane lane, StepPlan plan)
    {
        var result = Runner.Run(lane, plan);
        result.Wait();
        return result;
    }

    public void Dispose()
    {
        Runner.Dispose();
        weights.Dispose();
    }

    /// <summary>||a - b|| / ||b||</summary>
    public static double Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        a.Length.ShouldBe(b.Length);
        var (difference, norm) = (0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            difference += Math.Pow((double)a[i] - b[i], 2);
            norm += Math.Pow(b[i], 2);
        }
        return Math.Sqrt(difference / norm);
    }
}

/// <summary>What transformers computed for a prompt of a fixture: the last position's logits and the greedy continuation.</summary>
internal sealed record Golden(int[] PromptIds, float[] LastLogits, int[] GreedyIds)
{
    public static readonly string[] Fixtures = ["llama", "llama3-rope", "mistral-window", "qwen2", "qwen3", "phi3", "gemma2", "gpt2", "opt"];

    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Golden[] Of(string fixture) =>
        JsonSerializer.Deserialize<Golden[]>(File.ReadAllText(Path.Combine(Repository.Fixture(fixture), "golden.json")), SnakeCase)!;
}
