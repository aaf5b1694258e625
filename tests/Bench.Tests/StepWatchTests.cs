using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Bench.Devices;
using Splitwiser.Bench.Paper;
using Splitwiser.Bench.Phases;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Bench.Tests;

public sealed class StepWatchTests : IDisposable
{
    private static readonly PhasePoint Point = new(Prompt: 40, Decodes: 3, Context: 70, Bound: null);

    private readonly TemporaryFolder folder = new TinyModel { EosTokenId = null }.Write();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(PhaseMode.Serial)]
    [InlineData(PhaseMode.Streams)]
    [InlineData(PhaseMode.Adaptive)]
    public async Task Prompts_are_handed_over_on_the_pages_that_they_were_written_to(PhaseMode mode)
    {
        using var device = Open(pages: 128);
        await using var rig = new PhaseRig(device, Point, modelLength: 512, TimeSpan.Zero, NullLogger<DeviceWorker>.Instance);
        var times = await HandoffTimes.Measure(rig, new Sharing(mode), Point, handoffs: 5, TestContext.Current.CancellationToken);
        times.Handoffs.ShouldBeGreaterThanOrEqualTo(5);
        times.Moved.ShouldBe(0);
        times.Copied.ShouldBe(0);
        times.Pages.ShouldBeGreaterThanOrEqualTo(5 * PageId.CountFor(Point.Prompt));
        times.ChangeP99.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task The_cache_is_filled_without_computing_and_contexts_begin_on_their_last_page()
    {
        using var device = Open(pages: 128);
        await using var rig = new PhaseRig(device, Point, modelLength: 512, TimeSpan.Zero, NullLogger<DeviceWorker>.Instance);
        var worker = await rig.Worker(new Sharing(PhaseMode.Serial, 64), TestContext.Current.CancellationToken);
        rig.Watch.Steps.ShouldBeEmpty();
        await PhaseRig.Stop(worker, await rig.StartDecodes(worker, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        var cached = (Point.Context - 1) / PageId.Size * PageId.Size;
        rig.Watch.Steps.Sum(step => step.PrefillTokens).ShouldBe(Point.Decodes * (Point.Context - cached));
        worker.CheckInvariants();
    }

    [Theory]
    [InlineData(PhaseMode.Serial)]
    [InlineData(PhaseMode.Chunked)]
    [InlineData(PhaseMode.Adaptive)]
    public async Task The_papers_workload_counts_every_token_and_every_byte(PhaseMode mode)
    {
        var plan = new PaperPlan(Requests: 7, Prompt: 33, Outputs: [4], PaperBatch: 3, Batches: [7], StepTokens: 128, Modes: [], Runs: 1, ItlTargetMs: 50);
        using var device = Open(pages: 64);
        var watch = new StepWatch(device.Runner);
        await using var worker = PaperBench.Open(device, watch, plan, mode, batch: 7, stepTokens: 128);
        var run = await PaperRun.Measure(device, watch, worker, PaperBench.Prompts(plan, 64), 4, group: 3, TestContext.Current.CancellationToken);
        run.Tokens.ShouldBe(7 * 4);
        run.LatencyP99.ShouldBeGreaterThanOrEqualTo(run.FirstToken);
        var written = watch.Steps.Sum(step => step.KeysWritten);
        written.ShouldBe(7 * (33 + 3));     // the last token's keys are never needed
        run.Bytes.ShouldBe(watch.Steps.Sum(step => device.Work.Bytes(step)));
        (run.Prefill.Steps + run.Decode.Steps + run.Mixed.Steps).ShouldBe(watch.Steps.Length);
        worker.Pages.Leased.ShouldBe(0);
    }

    [Fact]
    public void Halves_of_the_prompts_are_all_of_them()
    {
        var plan = new PaperPlan(9, 5, [1], 2, [4], 64, [], 1, 50);
        var halves = Enumerable.Range(0, 2).SelectMany(part => PaperBench.Prompts(plan, 64, part, 2)).ToArray();
        halves.Length.ShouldBe(9);
        halves.Zip(PaperBench.Prompts(plan, 64)).ShouldAllBe(pair => pair.First.SequenceEqual(pair.Second));
    }

    [Fact]
    public void Slices_of_the_layers_move_each_layer_once_and_count_their_prompt_with_the_last()
    {
        var work = new StepWork(LayerBytes: 900, HeadBytes: 50, LayerOperations: 1, HeadOperations: 0, AttentionOperations: 0) { PageBytes = 32 * 10 };
        var sequence = new Sequence(0, new int[8], 8, SamplingParams.Greedy, 10);
        var slices = new LayerRange[] { new(0, 1), new(1, 3), new(3, 3 + 6) }.Select(layers =>
        {
            var plan = new StepPlan();
            plan.Add(new PrefillSegment(sequence, 0, 8, Samples: layers.End == 9, layers));
            return StepRecord.Of(Lane.Prefill, plan, layers: 9);
        }).ToArray();
        slices.Select(slice => slice.PrefillTokens).ShouldBe([0, 0, 8]);
        slices.Sum(slice => work.Bytes(slice)).ShouldBe(900 + 50 + 10 * (8 + 8), 1e-9);
        slices.Sum(slice => work.Operations(slice)).ShouldBe(8);
    }

    [Fact]
    public void A_step_moves_every_weight_once_and_the_keys_that_it_attends_to()
    {
        using var weights = ModelFolder.Open(folder.Path).LoadWeights();
        var work = StepWork.Of(weights) with { PageBytes = 32 * 100 };
        var layers = 2 * 2 * (32 * 32 + 2 * 16 * 32 + 32 * 32 + 3 * 48 * 32);     // 2 bytes, 2 layers
        work.LayerBytes.ShouldBe(layers);
        work.HeadBytes.ShouldBe(2 * 64 * 32);
        work.DecodeBytes(sequences: 3, context: 10).ShouldBe(layers + 2 * 64 * 32 + 3 * 11 * 100);
        work.PrefillOperations(2).ShouldBe(2 * layers + 2 * 64 * 32 + 4 * 32 * 2 * 3);     // two operations for each weight of two bytes; attention of 1 and 2 keys
    }

    private BenchDevice Open(int pages) =>
        BenchDevice.Open(new DevicePlan("cpu", folder.Path, RandomWeights: false, Threads: 1), new RunnerSizes(ModelLength: 512, Sequences: 16, StepTokens: 128, pages), TestContext.Current.CancellationToken);
}
