using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;
using Splitwiser.Tests;

namespace Splitwiser.Gpu.Tests.Models;

/// <summary>What prompts show on the GPU, their pooled hidden states and their tokens' logprobs, against the CPU runner.</summary>
public sealed class ProbeTests
{
    private const double Limit = 2e-2;
    private const int PageCount = 64, Rows = 16, Tokens = 512, Slots = 16;

    private static readonly (Pooling? Pooling, int? Tops)[] Kinds = [(Pooling.Mean, null), (Pooling.Last, null), (null, 0), (null, 3), (Pooling.Mean, 20), (Pooling.Last, 1)];

    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    public static TheoryData<string> Fixtures => [.. Golden.Fixtures];

    [Theory, MemberData(nameof(Fixtures))]
    public void Prompts_whole_in_chunks_in_slices_and_in_company_show_what_they_show_on_the_cpu(string fixture)
    {
        var card = Card.Required;
        using var weights = Weights(fixture);
        using var cpu = new CpuRunner(weights, new CpuRunnerOptions { PageCount = PageCount, MaxRows = Rows, MaxTokens = Tokens, MaxSequences = Slots });
        using var cuda = CudaRunner.Create(card.Device, weights, Options(queueDepth: 2));
        var prompts = Golden.Of(fixture).Select(golden => golden.PromptIds).ToArray();
        var expected = Probed(cpu, prompts, chunk: Tokens, layersAtOnce: int.MaxValue);
        foreach (var chunk in new[] { Tokens, 1, 7 })
            Compare(Probed(cuda, prompts, chunk, layersAtOnce: int.MaxValue), expected, $"chunks of {chunk}");
        Compare(Probed(cuda, prompts, Tokens, layersAtOnce: 1), expected, "layer slices");
    }

    /// <summary>Hidden states are added up in f64, so only the states' own bits could tell chunks apart; with BatchInvariant they don't.</summary>
    [Fact]
    public void With_batch_invariance_a_prompts_findings_have_the_same_bits_whatever_its_chunks()
    {
        var card = Card.Required;
        using var weights = Weights("llama");
        using var cuda = CudaRunner.Create(card.Device, weights, Options(queueDepth: 2) with { BatchInvariant = true });
        int[][] prompts = [Golden.Of("llama")[^1].PromptIds];
        var whole = Probed(cuda, prompts, Tokens, layersAtOnce: int.MaxValue);
        foreach (var chunk in new[] { 1, 7, 32 })
        {
            var cut = Probed(cuda, prompts, chunk, layersAtOnce: int.MaxValue);
            for (var i = 0; i < whole.Length; i++)
            {
                cut[i].Pooled().ShouldBe(whole[i].Pooled(), $"chunks of {chunk}, probe {i}");
                cut[i].Logprobs.ToArray().ShouldBe(whole[i].Logprobs.ToArray(), $"chunks of {chunk}, probe {i}");
            }
        }
    }

    [Theory]
    [InlineData(PhaseMode.Serial), InlineData(PhaseMode.Chunked), InlineData(PhaseMode.Streams)]
    public async Task A_probe_sees_its_whole_prompt_whatever_is_cached_preempted_or_cancelled(PhaseMode mode)
    {
        var card = Card.Required;
        var ids = Golden.Of("llama")[^1].PromptIds;
        using var weights = Weights("llama");
        PromptProbe[] expected;
        using (var cpu = new CpuRunner(weights, new CpuRunnerOptions { PageCount = PageCount, MaxRows = Rows, MaxTokens = Tokens, MaxSequences = Slots }))
            expected = Probed(cpu, [ids], Tokens, int.MaxValue);
        using var cuda = CudaRunner.Create(card.Device, weights, Options(queueDepth: 2) with { PageCount = 14, MaxRows = 8, MaxTokens = 64, MaxSequences = 8 });
        await using var worker = new DeviceWorker(cuda, new DeviceOptions { Mode = mode, MaxSequences = 8, MaxBatchedTokens = 48, PrefillSlice = 20, MaxModelLength = 256 }, TimeProvider.System, NullLogger<DeviceWorker>.Instance);
        await Generate(worker, ids, null, 8, Ends);
        for (var round = 0; round < 5; round++)
        {
            var probes = Probes(cuda, ids.Length);
            using var leaves = new CancellationTokenSource();
            var left = Enumerable.Range(0, 4).Select(i => Generate(worker, ids, new PromptProbe(ids.Length, cuda.Model.HiddenSize, Pooling.Mean, i), 30, leaves.Token)).ToArray();
            var answers = probes.Select(probe => Generate(worker, ids, probe, 30, Ends)).ToArray();
            leaves.Cancel();
            await Task.WhenAll(answers);
            foreach (var gone in left)
            {
                try { await gone; }
                catch (OperationCanceledException) { }
            }
            Compare(probes, expected, $"round {round}");
        }
        await Eventually.Holds("every page is back", () => Task.FromResult(worker.Pages.Leased == 0), TimeSpan.FromSeconds(20), Ends);
        worker.CheckInvariants();
    }

    [Fact]
    public async Task More_likely_tokens_than_the_card_reports_are_refused_and_not_fatal()
    {
        var card = Card.Required;
        using var weights = Weights("llama");
        using var cuda = CudaRunner.Create(card.Device, weights, Options(queueDepth: 2));
        await using var worker = new DeviceWorker(cuda, new DeviceOptions { MaxSequences = 8, MaxBatchedTokens = 48, MaxModelLength = 256 }, TimeProvider.System, NullLogger<DeviceWorker>.Instance);
        (await Should.ThrowAsync<DeviceRefusedException>(Generate(worker, [1, 2], new PromptProbe(2, cuda.Model.HiddenSize, null, SampleRecord.TopLimit + 1), 1, Ends))).Reason.ShouldBe(DeviceRefusal.Invalid);
        var probe = new PromptProbe(2, cuda.Model.HiddenSize, null, SampleRecord.TopLimit);
        await Generate(worker, [1, 2], probe, 1, Ends);
        probe.TopOf(0).Length.ShouldBe(SampleRecord.TopLimit);
    }

    private static CudaRunnerOptions Options(int queueDepth) => new() { PageCount = PageCount, MaxRows = Rows, MaxTokens = Tokens, MaxSequences = Slots, QueueDepth = queueDepth };

    private static DecoderWeights Weights(string fixture) => ModelFolder.Open(Repository.Fixture(fixture)).LoadWeights(ct: Ends);

    private static PromptProbe[] Probes(IModelRunner runner, int length) => [.. Kinds.Select(kind => new PromptProbe(length, runner.Model.HiddenSize, kind.Pooling, kind.Tops))];

    /// <summary>All kinds of probes of all prompts, a chunk of every unfinished one in each step, one step ahead of what is read where the queue is deep enough.</summary>
    private static PromptProbe[] Probed(IModelRunner runner, int[][] prompts, int chunk, int layersAtOnce)
    {
        var found = new List<PromptProbe>();
        foreach (var prompt in prompts)
        {
            var probes = Probes(runner, prompt.Length);
            found.AddRange(probes);
            var sequences = probes.Select((probe, slot) => Start(prompt, probe, slot)).ToArray();
            var (layers, ahead) = (Math.Min(layersAtOnce, runner.Model.LayerCount), default(StepResult));
            var offsets = new int[sequences.Length];
            for (var step = 0; offsets.Min() < prompt.Length; step++)
            {
                for (var layer = 0; layer < runner.Model.LayerCount; layer += layers)
                {
                    var plan = new StepPlan();
                    for (var i = 0; i < sequences.Length; i++)
                    {
                        var count = Math.Min(chunk + (i % 2), Math.Min(prompt.Length - offsets[i], Tokens / sequences.Length));
                        if (count > 0) plan.Add(new PrefillSegment(sequences[i], offsets[i], count, offsets[i] + count == prompt.Length, layers < runner.Model.LayerCount ? new LayerRange(layer, Math.Min(runner.Model.LayerCount, layer + layers)) : null));
                    }
                    var result = runner.Run(Lane.Prefill, plan);
                    if (runner.Info.QueueDepth == 1) result.Wait();
                    ahead?.Wait();
                    ahead = result;
                    if (layer + layers < runner.Model.LayerCount) continue;
                    foreach (var segment in plan.Prefill) offsets[segment.Sequence.Slot] += segment.Count;
                }
            }
            ahead!.Wait();
        }
        return [.. found];
    }

    private static Sequence Start(int[] prompt, PromptProbe probe, int slot)
    {
        var sequence = new Sequence(slot, prompt, prompt.Length, SamplingParams.Greedy, prompt.Length + 1) { Probe = probe };
        var pages = PageId.CountFor(prompt.Length + 1);
        for (var page = 0; page < pages; page++) sequence.AddPage(new PageId((slot * pages) + page));
        return sequence;
    }

    private static async Task Generate(DeviceWorker worker, int[] prompt, PromptProbe? probe, int count, CancellationToken ct)
    {
        var handoff = await worker.Prefill(new PromptRequest { Tokens = prompt, OutputStart = prompt.Length, MaxTokens = count, Sampling = SamplingParams.Greedy, CacheOutput = true, Probe = probe }, ct);
        using var reader = worker.Attach(handoff.Lease, 0);
        while (await reader.WaitToReadAsync(Ends))
            while (reader.TryRead(out _)) { }
    }

    private static void Compare(PromptProbe[] actual, PromptProbe[] expected, string what)
    {
        actual.Length.ShouldBe(expected.Length);
        for (var i = 0; i < actual.Length; i++)
        {
            var where = $"{what}, probe {i}";
            actual[i].IsComplete.ShouldBeTrue(where);
            if (expected[i].Pooling is not null) Golden.Distance(actual[i].Pooled(), expected[i].Pooled()).ShouldBeLessThan(Limit, where);
            if (expected[i].Logprobs.IsEmpty) continue;
            actual[i].Logprobs.ToArray().Select(token => token.TokenId).ShouldBe(expected[i].Logprobs.ToArray().Select(token => token.TokenId), where);
            Golden.Distance(Values(actual[i].Logprobs), Values(expected[i].Logprobs)).ShouldBeLessThan(Limit, where);
            for (var position = 0; position < expected[i].Logprobs.Length; position++)
            {
                if (expected[i].TopLogprobs == 0) continue;
                Golden.Distance(Values(actual[i].TopOf(position)), Values(expected[i].TopOf(position))).ShouldBeLessThan(5 * Limit, $"{where}, likely tokens after position {position}");
            }
        }
    }

    private static float[] Values(ReadOnlySpan<TokenLogprob> tokens) => [.. tokens.ToArray().Select(token => token.Logprob)];
}
