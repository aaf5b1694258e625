using Splitwiser.Gpu;
using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Phases;

public sealed class LayerSlicesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A slice takes about 10 ms.</summary>
    [Theory]
    [InlineData(8192, 28e-6, 32, 2)]        // 229 ms of 32 layers: 16 slices of 14 ms
    [InlineData(2048, 25e-6, 32, 7)]        // 51 ms: 5 slices
    [InlineData(256, 25e-6, 32, 32)]        // 6 ms: one
    [InlineData(8192, 1e-3, 32, 1)]         // a layer is long: no less
    [InlineData(1, 0.0, 1, 1)]
    public void A_slice_is_as_many_layers_as_take_ten_milliseconds(int tokens, double secondsPerToken, int layerCount, int layers) =>
        LayerSlices.LayersOf(tokens, secondsPerToken, layerCount).ShouldBe(layers);

    [Theory, InlineData(32, 8), InlineData(2, 1), InlineData(1, 1), InlineData(5, 2)]
    public void Before_anything_is_known_a_chunk_is_four_slices(int layerCount, int layers) => LayerSlices.LayersOf(100, null, layerCount).ShouldBe(layers);

    [Theory, InlineData(PhaseMode.Streams, 1), InlineData(PhaseMode.Streams, 2), InlineData(PhaseMode.Partition, 2), InlineData(PhaseMode.Adaptive, 2)]
    public async Task Prompts_computed_by_layers_give_the_tokens_that_they_give_alone(PhaseMode mode, int depth)
    {
        await using var device = Sliced(mode, depth);
        var requests = Enumerable.Range(0, 12).Select(i => Request(Prompt(i, 20 + 23 * i), 20)).ToList();
        var answers = await Task.WhenAll(requests.Select(request => device.Generate(request, Ct)));
        for (var i = 0; i < requests.Count; i++) answers[i].Tokens.ShouldBe(device.Alone(requests[i]));
        device.Worker.Statistics.PrefilledTokens.ShouldBe(requests.Sum(request => request.Tokens.Length));
        device.Worker.Statistics.PrefillSteps.Tokens.ShouldBe(requests.Sum(request => request.Tokens.Length) - Mixed(device));
    }

    [Fact]
    public async Task A_chunk_counts_once_whatever_its_slices()
    {
        await using var device = Sliced(PhaseMode.Streams, 1);
        await device.Generate(Request(Prompt(1, 100), 3), Ct);      // nothing is known yet: four slices of at most three of ten layers
        var statistics = device.Worker.Statistics;
        statistics.PrefillSteps.Count.ShouldBe(4);
        statistics.PrefillSteps.Tokens.ShouldBe(100);
        statistics.StepTokens.Count.ShouldBe(1 + 2);
        statistics.Handoffs.ShouldBe(1);
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task A_prompt_cancelled_in_the_middle_of_its_chunk_gives_its_pages_back_with_the_slices_in_flight(int depth)
    {
        await using var device = Sliced(PhaseMode.Streams, depth);
        using var gate = new StepGate(device.Runner);
        using var cancel = new CancellationTokenSource();
        var prefill = device.Worker.Prefill(Request(Prompt(1, 200), 3), cancel.Token);
        await gate.PassNext();
        await gate.Arrival();       // the second slice of four
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => prefill);
        device.Worker.Pages.Leased.ShouldBe(7);     // slices still write there
        gate.Pass();
        await device.UntilNoPageIsLeased();
        device.Worker.Statistics.PrefillSteps.Count.ShouldBe(2);
        device.Worker.Statistics.PrefilledTokens.ShouldBe(0);
        device.Worker.Pages.Cached.ShouldBe(0);     // no position was computed to the end
    }

    [Fact]
    public async Task Of_a_chunk_of_two_prompts_the_one_that_stays_is_computed_to_the_end()
    {
        await using var device = Sliced(PhaseMode.Streams, 1);
        using var gate = new StepGate(device.Runner);
        var (first, second) = (Request(Prompt(1, 90), 5), Request(Prompt(2, 60), 5));
        using var cancel = new CancellationTokenSource();
        var hold = device.Generate(Request(Prompt(3, 10), 2), Ct);
        await gate.Arrival();
        var leaves = device.Worker.Prefill(first, cancel.Token);
        var stays = device.Generate(second, Ct);
        gate.Pass();
        await gate.PassUntil(() => gate.AtGate.Contains("2 prompts", StringComparison.Ordinal));
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => leaves);
        gate.Open();
        (await stays).Tokens.ShouldBe(device.Alone(second));
        await hold;
        await device.UntilNoPageIsLeased();
    }

    [Fact]
    public async Task A_drain_completes_when_the_last_prompt_leaves_in_the_middle_of_its_chunk()
    {
        await using var device = Sliced(PhaseMode.Streams, 1);
        using var gate = new StepGate(device.Runner);
        using var cancel = new CancellationTokenSource();
        var prefill = device.Worker.Prefill(Request(Prompt(1, 200), 3), cancel.Token);
        await gate.Arrival();
        var drained = device.Worker.Drain(Ct);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => prefill);
        gate.Open();
        await drained.WaitAsync(TimeSpan.FromSeconds(20), Ct);
    }

    private static long Mixed(TestDevice device)
    {
        var statistics = device.Worker.Statistics;      // of mixed steps, the prompt positions
        return statistics.MixedSteps.Tokens == 0 ? 0 : statistics.PrefilledTokens - statistics.PrefillSteps.Tokens;
    }

    private static TestDevice Sliced(PhaseMode mode, int depth)
    {
        var runner = new PagedRunner(pageCount: 200, queueDepth: depth, layers: 10);
        runner.Cost = (_, plan) => TimeSpan.FromMilliseconds(1 + plan.TokenCount * 0.4);
        return new TestDevice(runner, new DeviceOptions { Mode = mode, MaxModelLength = 2000 });
    }
}
