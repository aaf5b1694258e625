using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Tests.Models;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;
using Splitwiser.Silo.Tests;

namespace Splitwiser.Gpu.Tests.Serving;

/// <summary>A silo that serves the demo model on the GPU, through its HTTP API.</summary>
public sealed class HttpGoldenTests
{
    private static readonly string[] OnGpu = ["--model", Repository.DemoModel, "--device", "cuda", "--num-gpu-blocks-override", "512", "--max-num-seqs", "64", "--max-num-batched-tokens", "2048"];

    [Fact]
    public async Task Greedy_ids_differ_from_transformers_at_ties_only()
    {
        _ = Card.Required;
        await using var silo = await RunningSilo.Start(OnGpu);
        using var reference = new Reference();
        var rule = new TieRule();
        foreach (var golden in GoldenPrompt.All)
            await Follow(silo.Api, golden, reference, rule);
        rule.CheckShare();
        await Settles.AllPagesAreBack(silo.Api);
    }

    [Fact]
    public async Task Many_requests_at_once_are_answered_in_full_and_give_every_page_back()
    {
        _ = Card.Required;
        await using var silo = await RunningSilo.Start(OnGpu);
        var answers = await Task.WhenAll(Enumerable.Range(0, 128).Select(i => silo.Api.Complete(new
        {
            prompt = GoldenPrompt.All[i % GoldenPrompt.All.Count].Prompt, max_tokens = 20 + i, temperature = i % 2, seed = i, ignore_eos = true, return_token_ids = true,
        })));
        answers.Select(answer => answer.Choice().TokenIds().Length).ShouldBe(Enumerable.Range(0, 128).Select(i => 20 + i));
        await Settles.AllPagesAreBack(silo.Api);
    }

    [Fact]
    public async Task The_silo_says_what_it_serves_on()
    {
        var card = Card.Required;
        await using var silo = await RunningSilo.Start(OnGpu);
        var metrics = await Metrics.Scrape(silo.Api);
        metrics.Sum("splitwiser_device_memory_bytes", $"hardware=\"{card.Device.Name}\"").ShouldBe(card.Device.MemoryBytes);
        metrics.Sum("splitwiser_device_open").ShouldBe(1);
        metrics.Sum("splitwiser_pages_total").ShouldBe(512);
    }

    /// <summary>Asks for the rest of the golden answer; where it differs, checks that it is a tie and goes on from the golden token.</summary>
    private static async Task Follow(Api api, GoldenPrompt golden, Reference reference, TieRule rule)
    {
        for (var known = 0; known < golden.GreedyIds.Length; known++)
        {
            int[] prompt = [.. golden.PromptIds, .. golden.GreedyIds[..known]];
            var answer = await api.Complete(new { prompt, temperature = 0, max_tokens = golden.GreedyIds.Length - known, return_token_ids = true });
            var ids = answer.Choice().TokenIds();
            var same = ids.Zip(golden.GreedyIds[known..]).TakeWhile(pair => pair.First == pair.Second).Count();
            rule.Agreed(same);
            known += same;
            if (known == golden.GreedyIds.Length) return;
            ids.Length.ShouldBeGreaterThan(same, golden.Prompt);
            rule.Differs(reference.Logits([.. golden.PromptIds, .. golden.GreedyIds[..known]]), ids[same], golden.GreedyIds[known], $"{golden.Prompt}, output {known}");
        }
    }

    /// <summary>f32 logits by the CPU runner.</summary>
    private sealed class Reference : IDisposable
    {
        private readonly DecoderWeights weights = ModelFolder.Open(Repository.DemoModel).LoadWeights();

        public float[] Logits(int[] tokens)
        {
            using var runner = new CpuRunner(weights, new CpuRunnerOptions { PageCount = 64, MaxRows = 1, MaxTokens = 1024, MaxSequences = 1 });
            var sequence = new Sequence(0, tokens, tokens.Length, SamplingParams.Greedy, tokens.Length + 1);
            for (var page = 0; page < PageId.CountFor(tokens.Length + 1); page++) sequence.AddPage(new PageId(page));
            var plan = new StepPlan { KeepLogits = true };
            plan.Add(new PrefillSegment(sequence, 0, tokens.Length, Samples: true));
            return runner.Run(Lane.Prefill, plan).Logits(0).ToArray();
        }

        public void Dispose() => weights.Dispose();
    }
}
