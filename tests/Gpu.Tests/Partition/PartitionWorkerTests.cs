using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Phases;
using Splitwiser.Gpu.Tests.Models;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;
using Splitwiser.Silo.Tests;
using Splitwiser.Gpu.Tests.Serving;

namespace Splitwiser.Gpu.Tests.Partition;

/// <summary>The demo model through the device worker and through a silo, with the card split.</summary>
public sealed class PartitionWorkerTests
{
    [Fact]
    public async Task Every_mode_and_split_gives_the_same_tokens_and_copies_no_page()
    {
        using var runner = Runner();
        var expected = await Generate(runner, new DeviceOptions { Mode = PhaseMode.Serial });
        foreach (var mode in new[] { PhaseMode.Chunked, PhaseMode.Streams, PhaseMode.Adaptive })
            (await Generate(runner, new DeviceOptions { Mode = mode })).ShouldBe(expected, $"{mode}");
        foreach (var split in runner.Info.Splits)
            (await Generate(runner, new DeviceOptions { Mode = PhaseMode.Partition, DecodeProcessors = split.Decode })).ShouldBe(expected, $"{split}");
    }

    [Fact]
    public async Task With_only_prefill_confined_it_gives_the_same_tokens_too()
    {
        using var runner = Runner(confinesDecode: false);
        var expected = await Generate(runner, new DeviceOptions { Mode = PhaseMode.Serial });
        (await Generate(runner, new DeviceOptions { Mode = PhaseMode.Partition, DecodeProcessors = 24 })).ShouldBe(expected);
    }

    [Fact]
    public async Task A_silo_in_partition_mode_answers_and_tells_the_multiprocessors_of_each_phase()
    {
        var card = Card.Required;
        await using var silo = await RunningSilo.Start(["--model", Repository.DemoModel, "--device", "cuda", "--num-gpu-blocks-override", "512", "--max-num-seqs", "64", "--max-num-batched-tokens", "2048",
            "--phase-mode", "partition", "--decode-sms", "24"]);
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => silo.Api.Complete(new
        {
            prompt = GoldenPrompt.All[i % GoldenPrompt.All.Count].Prompt, max_tokens = 20 + i, temperature = i % 2, seed = i, ignore_eos = true, return_token_ids = true,
        })));
        answers.Select(answer => answer.Choice().TokenIds().Length).ShouldBe(Enumerable.Range(0, 64).Select(i => 20 + i));
        var split = SmSplit.WithDecode(24, card.Device.SmCount)!.Value;
        var metrics = await Metrics.Scrape(silo.Api);
        metrics.Sum("splitwiser_phase_processors", "phase=\"decode\"").ShouldBe(split.Decode);
        metrics.Sum("splitwiser_phase_processors", "phase=\"prefill\"").ShouldBe(split.Prefill);
        metrics.Sum("splitwiser_handoff_copied_bytes_total").ShouldBe(0);
        await Settles.AllPagesAreBack(silo.Api);
    }

    private static CudaRunner Runner(bool confinesDecode = true)
    {
        var card = Card.Required;
        using var weights = ModelFolder.Open(Repository.DemoModel).LoadWeights(ct: TestContext.Current.CancellationToken);
        return CudaRunner.Create(card.Device, weights, new CudaRunnerOptions
        {
            PageCount = 512, MaxRows = 64, MaxTokens = 512, MaxSequences = 64, Splits = null, ConfinesDecode = confinesDecode, BatchInvariant = true,
        });
    }

    /// <summary>96 prompts, arriving while others decode; the tokens of each.</summary>
    private static async Task<int[][]> Generate(CudaRunner runner, DeviceOptions options)
    {
        await using var worker = new DeviceWorker(runner, options with { MaxModelLength = 1024, MaxSequences = 32, MaxBatchedTokens = 256, ItlTarget = TimeSpan.FromMilliseconds(2), PrefixCaching = false },
            TimeProvider.System, NullLogger<DeviceWorker>.Instance);
        var prompts = Golden.OfDemo().Select(golden => golden.PromptIds).ToArray();
        var answers = await Task.WhenAll(Enumerable.Range(0, 96).Select(i => Answer(worker, [.. Enumerable.Repeat(prompts[i % prompts.Length], 1 + i % 5).SelectMany(ids => ids)], 24 + i % 40, (ulong)i)));
        var statistics = worker.Statistics;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{options.Mode} {options.DecodeProcessors}: prefill {statistics.PrefillSteps}, decode {statistics.DecodeSteps}, mixed {statistics.MixedSteps}");
        statistics.HandoffPagesCopied.ShouldBe(0);
        statistics.Handoffs.ShouldBeGreaterThanOrEqualTo(96);
        worker.Pages.Leased.ShouldBe(0);
        if (options.Mode == PhaseMode.Partition && runner.Info.Splits.Any(split => split.Prefill == statistics.PrefillSteps.Processors))
            statistics.DecodeSteps.Processors.ShouldBeOneOf(options.DecodeProcessors!.Value, runner.Info.Multiprocessors);
        return answers;
    }

    private static async Task<int[]> Answer(DeviceWorker worker, int[] prompt, int count, ulong seed)
    {
        var handoff = await worker.Prefill(new PromptRequest
        {
            Tokens = prompt, OutputStart = prompt.Length, MaxTokens = count, Sampling = seed % 3 == 0 ? SamplingParams.Greedy : new SamplingParams { Seed = seed, TopP = 0.9f }, CacheOutput = false,
        }, TestContext.Current.CancellationToken);
        using var reader = worker.Attach(handoff.Lease, 0);
        var tokens = new List<int>();
        while (await reader.WaitToReadAsync(TestContext.Current.CancellationToken))
            while (reader.TryRead(out var token)) tokens.Add(token.Token.TokenId);
        return [.. tokens];
    }
}
