using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;
using Splitwiser.Tests;

namespace Splitwiser.Gpu.Tests.Models;

/// <summary>Main memory behind the pages of a GPU: what was copied out comes back as it was.</summary>
public sealed class HostPagesTests
{
    private const int PageCount = 64, HostPageCount = 96;

    private static readonly CudaRunnerOptions Options = new()
    {
        PageCount = PageCount, HostPageCount = HostPageCount, MaxRows = 8, MaxTokens = 256, MaxSequences = GpuRig.Slots, BatchInvariant = true,
    };

    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    [Fact]
    public void A_page_that_went_out_and_came_back_elsewhere_holds_the_same_keys_and_values()
    {
        using var rig = new GpuRig(Repository.DemoModel, Options);
        rig.Runner.Info.HostPageCount.ShouldBe(HostPageCount);
        var prompt = Prompt(rig.Runner.Model, seed: 1, length: 7 * PageId.Size + 5);
        var first = rig.Start(prompt);
        var logits = rig.Prefill(first);
        var full = first.Pages[..7].ToArray();

        // Host pages in an order of their own: two runs of neighbours and scattered ones.
        int[] places = [10, 11, 12, 40, 3, 95, 94];
        PageCopy[] outs = [.. full.Zip(places, (page, place) => new PageCopy(page, new HostPageId(place)))];
        rig.Runner.Copy(CopyDirection.Out, outs);
        var second = rig.Start(Prompt(rig.Runner.Model, seed: 2, length: prompt.Length));
        rig.Prefill(second);                    // other keys and values in other pages
        rig.Runner.Copy(CopyDirection.In, [.. second.Pages[..7].ToArray().Zip(places, (page, place) => new PageCopy(page, new HostPageId(place)))]);

        var restored = rig.Start(prompt, shared: second.Pages[..7]);
        rig.Prefill(restored, offset: 7 * PageId.Size).ShouldBe(logits);
        rig.Prefill(rig.Start(prompt, shared: full), offset: 7 * PageId.Size).ShouldBe(logits);
    }

    [Fact]
    public async Task A_working_set_of_three_pools_gives_the_same_tokens_from_main_memory_as_computed()
    {
        var card = Card.Required;
        using var weights = ModelFolder.Open(Repository.DemoModel).LoadWeights(ct: Ends);
        using var runner = CudaRunner.Create(card.Device, weights, Options with { HostPageCount = 3 * PageCount });
        var prompts = Enumerable.Range(0, 24).Select(i => Prompt(runner.Model, seed: i, length: 8 * PageId.Size + 9)).ToArray();
        var computed = await Generate(runner, prompts, rounds: 1, hostPages: 0, caching: false);
        var twice = await Generate(runner, prompts, rounds: 2, hostPages: runner.Info.HostPageCount, caching: true);
        twice[..prompts.Length].ShouldBe(computed);
        twice[prompts.Length..].ShouldBe(computed);
    }

    private static async Task<List<int>[]> Generate(CudaRunner runner, int[][] prompts, int rounds, int hostPages, bool caching)
    {
        var options = new DeviceOptions { MaxModelLength = 512, MaxSequences = 8, MaxBatchedTokens = 256, PrefixCaching = caching, HostPages = hostPages };
        await using var worker = new DeviceWorker(runner, options, TimeProvider.System, NullLogger<DeviceWorker>.Instance);
        var answers = new List<List<int>>();
        for (var round = 0; round < rounds; round++)
            foreach (var pair in prompts.Chunk(2)) answers.AddRange(await Task.WhenAll(pair.Select(prompt => Generate(worker, prompt))));
        if (hostPages > 0)
        {
            worker.Statistics.HostHitTokens.ShouldBeGreaterThan(prompts.Length / 2 * 8 * PageId.Size);
            worker.Statistics.PagesCopiedIn.ShouldBe(worker.Statistics.HostHitTokens / PageId.Size);
        }

        worker.CheckInvariants();
        return [.. answers];
    }

    private static async Task<List<int>> Generate(DeviceWorker worker, int[] prompt)
    {
        var handoff = await worker.Prefill(new PromptRequest { Tokens = prompt, OutputStart = prompt.Length, MaxTokens = 40, Sampling = SamplingParams.Greedy, CacheOutput = true }, Ends);
        using var reader = worker.Attach(handoff.Lease, 0);
        var tokens = new List<int>();
        while (await reader.WaitToReadAsync(Ends))
            while (reader.TryRead(out var token)) tokens.Add(token.Token.TokenId);
        return tokens;
    }

    private static int[] Prompt(ModelConfig model, int seed, int length)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(model.VocabularySize))];
    }
}
