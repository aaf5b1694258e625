using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Device.Tests.Cpu;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Worker;

/// <summary>The worker over the CPU runner and real weights: tokens and logprobs are the same alone and in company, in every mode, to the bit.</summary>
public sealed class CpuDeviceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static readonly PhaseMode[] Modes = [PhaseMode.Serial, PhaseMode.Chunked, PhaseMode.Streams, PhaseMode.Adaptive];

    public static TheoryData<string, PhaseMode> FixturesAndModes
    {
        get
        {
            var data = new TheoryData<string, PhaseMode>();
            foreach (var fixture in Golden.Fixtures)
                foreach (var mode in Modes) data.Add(fixture, mode);
            return data;
        }
    }

    [Theory, MemberData(nameof(FixturesAndModes))]
    public async Task Greedy_tokens_are_the_goldens_in_every_mode_sharing_preempted_and_batched(string fixture, PhaseMode mode)
    {
        await using var device = new CpuDevice(fixture, mode, pageCount: 14);
        var goldens = Golden.Of(fixture);
        var requests = Enumerable.Range(0, 4).SelectMany(_ => goldens).ToList();
        var answers = await Task.WhenAll(requests.Select(golden => device.Generate(golden.PromptIds, SamplingParams.Greedy, golden.GreedyIds.Length)));
        for (var i = 0; i < requests.Count; i++) answers[i].Select(token => token.TokenId).ShouldBe(requests[i].GreedyIds);
    }

    [Fact]
    public async Task Sampled_tokens_and_logprobs_are_those_of_each_request_alone()
    {
        var goldens = Golden.Of("llama");
        var requests = Enumerable.Range(0, 12).Select(i => (
            Prompt: goldens[i % 4].PromptIds,
            Sampling: new SamplingParams { Temperature = 0.8f, TopP = 0.9f, RepetitionPenalty = 1.1f, Seed = (ulong)i, TopLogprobs = 0 })).ToList();
        var alone = new List<TokenLogprob[]>();
        await using (var device = new CpuDevice("llama", PhaseMode.Serial, pageCount: 64))
            foreach (var (prompt, sampling) in requests) alone.Add(await device.Generate(prompt, sampling, 30));

        foreach (var mode in Modes)
        {
            await using var device = new CpuDevice("llama", mode, pageCount: 14);
            var answers = await Task.WhenAll(requests.Select(request => device.Generate(request.Prompt, request.Sampling, 30)));
            for (var i = 0; i < requests.Count; i++) answers[i].ShouldBe(alone[i]);
        }
    }

    [Theory, InlineData(PhaseMode.Serial), InlineData(PhaseMode.Chunked), InlineData(PhaseMode.Streams)]
    public async Task A_probe_sees_its_whole_prompt_whatever_is_cached_or_preempted(PhaseMode mode)
    {
        var ids = Golden.Of("llama")[^1].PromptIds;
        await using var device = new CpuDevice("llama", mode, pageCount: 14);
        await device.Generate(ids, SamplingParams.Greedy, 8);
        var probes = await Task.WhenAll(Enumerable.Range(0, 6).Select(async i =>
        {
            var probe = new PromptProbe(ids.Length, device.HiddenSize, i % 2 == 0 ? Gpu.Pooling.Mean : Gpu.Pooling.Last, topLogprobs: i % 3 == 0 ? 2 : null);
            await device.Generate(ids, SamplingParams.Greedy, 30, probe);
            return probe;
        }));
        probes.ShouldAllBe(probe => probe.IsComplete);
        foreach (var probe in probes)
        {
            probe.Pooled().ShouldBe(probes.First(other => other.Pooling == probe.Pooling).Pooled());
            if (probe.TopLogprobs is not null)
                probe.Logprobs.ToArray().ShouldBe(probes[0].Logprobs.ToArray());
        }
    }

    [Fact]
    public async Task A_probe_of_another_prompt_or_model_is_refused()
    {
        await using var device = new CpuDevice("llama", PhaseMode.Serial, pageCount: 14);
        foreach (var probe in new PromptProbe[] { new(4, device.HiddenSize, Gpu.Pooling.Mean, null), new(3, device.HiddenSize + 1, Gpu.Pooling.Mean, null) })
            (await Should.ThrowAsync<DeviceRefusedException>(device.Generate([1, 2, 3], SamplingParams.Greedy, 1, probe))).Reason.ShouldBe(DeviceRefusal.Invalid);
    }

    /// <summary>LongRoPE: past the original context all keys turn by other frequencies, so the sequence is computed anew there, and shares no pages with short ones.</summary>
    [Theory]
    [InlineData(PhaseMode.Serial), InlineData(PhaseMode.Streams)]
    public async Task A_sequence_that_outgrows_its_rope_goes_on_as_if_it_had_been_long_from_the_start(PhaseMode mode)
    {
        const string edit = """{"original_max_position_embeddings":50,"rope_scaling":{"type":"longrope","short_factor":[1,1.1,1.2,1.4],"long_factor":[1,2.5,6,9]},"partial_rotary_factor":0.5}""";
        int[] prompt = [.. Enumerable.Range(0, 40).Select(i => i * 37 % 96)];
        int[] expected;
        using (var rig = new CpuRig(VariantTests.Weights("phi3", edit)))
        {
            var tokens = prompt.ToList();
            while (tokens.Count < prompt.Length + 25)
            {
                var sequence = rig.Start([.. tokens]);
                var logits = rig.Prefill(sequence);
                tokens.Add(Array.IndexOf(logits, logits.Max()));
                rig.Free(sequence);
            }
            expected = [.. tokens[prompt.Length..]];
        }

        await using var device = new CpuDevice(VariantTests.Weights("phi3", edit), mode, pageCount: 14);
        for (var again = 0; again < 2; again++)
            (await device.Generate(prompt, SamplingParams.Greedy, 25)).Select(token => token.TokenId).ShouldBe(expected);
        (await device.Generate([.. prompt, .. expected[..15]], SamplingParams.Greedy, 10)).Select(token => token.TokenId).ShouldBe(expected[15..]);
        (await device.Generate(prompt, SamplingParams.Greedy, 5)).Select(token => token.TokenId).ShouldBe(expected[..5]);
    }

    /// <summary>Prompts that a small pool can't keep, twice: the second time most of each comes from main memory.</summary>
    [Theory, InlineData("llama", PhaseMode.Serial), InlineData("llama", PhaseMode.Streams), InlineData("gpt2", PhaseMode.Chunked), InlineData("qwen3", PhaseMode.Adaptive)]
    public async Task Tokens_and_logprobs_are_the_same_from_main_memory_to_the_bit(string fixture, PhaseMode mode)
    {
        var sampling = new SamplingParams { Temperature = 0.7f, TopP = 0.95f, Seed = 3, TopLogprobs = 0 };
        var random = new Random(5);
        int[][] prompts = [.. Enumerable.Range(0, 10).Select(_ => Enumerable.Range(0, 100).Select(_ => random.Next(96)).ToArray())];
        var computed = new List<TokenLogprob[]>();
        await using (var device = new CpuDevice(fixture, mode, pageCount: 64))
            foreach (var prompt in prompts) computed.Add(await device.Generate(prompt, sampling, 12));

        await using var small = new CpuDevice(fixture, mode, pageCount: 12, hostPages: 48);
        for (var round = 0; round < 2; round++)
            for (var i = 0; i < prompts.Length; i++) (await small.Generate(prompts[i], sampling, 12)).ShouldBe(computed[i], $"prompt {i}, time {round}");
        small.Statistics.PrefixHitTokens.ShouldBe(10 * 96);
        small.Statistics.HostHitTokens.ShouldBeGreaterThan(5 * 96);

        // All at once: they preempt each other, too.
        var together = await Task.WhenAll(prompts.Select(prompt => small.Generate(prompt, sampling, 12)));
        for (var i = 0; i < prompts.Length; i++) together[i].ShouldBe(computed[i]);
    }

    private sealed class CpuDevice : IAsyncDisposable
    {
        private readonly DecoderWeights weights;
        private readonly CpuRunner runner;
        private readonly DeviceWorker worker;

        public CpuDevice(string fixture, PhaseMode mode, int pageCount, int hostPages = 0) : this(ModelFolder.Open(Repository.Fixture(fixture)).LoadWeights(null, Ct), mode, pageCount, hostPages)
        {
        }

        public CpuDevice(DecoderWeights weights, PhaseMode mode, int pageCount, int hostPages = 0)
        {
            this.weights = weights;
            runner = new CpuRunner(weights, new CpuRunnerOptions { Threads = 2, PageCount = pageCount, HostPageCount = hostPages, MaxRows = 8, MaxTokens = 64, MaxSequences = 8 });
            var options = new DeviceOptions { Mode = mode, MaxSequences = 8, MaxBatchedTokens = 48, PrefillSlice = 20, MaxModelLength = 256, HostPages = hostPages };
            worker = new DeviceWorker(runner, options, TimeProvider.System, NullLogger<DeviceWorker>.Instance);
        }

        public DeviceStatistics Statistics => worker.Statistics;

        public int HiddenSize => runner.Model.HiddenSize;

        public async Task<TokenLogprob[]> Generate(int[] prompt, SamplingParams sampling, int count, PromptProbe? probe = null)
        {
            var request = new PromptRequest { Tokens = prompt, OutputStart = prompt.Length, MaxTokens = count, Sampling = sampling, CacheOutput = true, Probe = probe };
            var handoff = await worker.Prefill(request, Ct);
            using var reader = worker.Attach(handoff.Lease, 0);
            var tokens = new List<TokenLogprob>();
            while (await reader.WaitToReadAsync(Ct))
                while (reader.TryRead(out var token)) tokens.Add(token.Token);
            return [.. tokens];
        }

        public async ValueTask DisposeAsync()
        {
            worker.CheckInvariants();
            worker.Pages.Leased.ShouldBe(0);
            worker.Statistics.HandoffPagesCopied.ShouldBe(0);
            await worker.DisposeAsync();
            runner.Dispose();
            weights.Dispose();
        }
    }
}
