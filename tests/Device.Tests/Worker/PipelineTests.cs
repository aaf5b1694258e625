using Splitwiser.Gpu;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class PipelineTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_next_step_is_launched_before_the_last_one_was_read()
    {
        await using var device = new TestDevice(new PagedRunner(queueDepth: 2));
        var inputs = new List<DecodeInput>();
        device.Runner.OnRun = (_, plan) =>
        {
            if (plan.Decode.Count > 0) inputs.Add(plan.Decode[0].Input);
        };
        var request = Request(Prompt(1, 10), 50);
        (await device.Generate(request, Ct)).Tokens.ShouldBe(device.Alone(request));
        inputs.Count.ShouldBe(49);
        inputs.ShouldAllBe(input => input == DecodeInput.PreviousStep);
    }

    [Theory, InlineData(PhaseMode.Serial), InlineData(PhaseMode.Chunked)]
    public async Task A_prompts_second_token_is_sampled_by_the_step_after_its_first(PhaseMode mode)
    {
        await using var device = new TestDevice(new PagedRunner(queueDepth: 2), new DeviceOptions { Mode = mode, MaxSequences = 8, MaxBatchedTokens = 32 });
        var steps = new List<(int[] Finished, int[] Decoded)>();        // slots
        device.Runner.OnRun = (_, plan) => steps.Add(([.. plan.Prefill.Where(segment => segment.Samples).Select(segment => segment.Sequence.Slot)], [.. plan.Decode.Select(row => row.Sequence.Slot)]));
        var requests = Enumerable.Range(1, 6).Select(seed => Request(Prompt(seed, 20 + seed), 30)).ToArray();
        var outputs = await Task.WhenAll(requests.Select(request => device.Generate(request, Ct)));
        for (var i = 0; i < requests.Length; i++) outputs[i].Tokens.ShouldBe(device.Alone(requests[i]));

        steps.Sum(step => step.Finished.Length).ShouldBe(requests.Length);
        for (var i = 0; i < steps.Count; i++)
            foreach (var slot in steps[i].Finished)
                steps.Skip(i + 1).First(step => step.Decoded.Length > 0).Decoded.ShouldContain(slot);
    }

    [Fact]
    public async Task Pages_of_a_prompt_that_is_released_with_its_second_token_under_way_come_back_after_it()
    {
        await using var device = new TestDevice(new PagedRunner(queueDepth: 2));
        using var held = new SemaphoreSlim(0);
        using var waits = new SemaphoreSlim(0);
        using var gone = new CancellationTokenSource();
        device.Runner.OnWait = _ =>
        {
            waits.Release();
            held.Wait();
        };
        var prefill = device.Worker.Prefill(Request(Prompt(1, 40), 500), gone.Token);
        (await waits.WaitAsync(20_000, Ct)).ShouldBeTrue();
        await gone.CancelAsync();                               // both steps are in flight
        await Should.ThrowAsync<OperationCanceledException>(prefill);
        device.Worker.Pages.Leased.ShouldBe(2);
        held.Release();
        (await waits.WaitAsync(20_000, Ct)).ShouldBeTrue();
        device.Worker.Pages.Leased.ShouldBe(2);                 // the second still writes
        device.Runner.OnWait = null;
        held.Release();
        await device.UntilNoPageIsLeased();
    }

    [Theory, InlineData(1, 0), InlineData(2, 1), InlineData(3, 2)]
    public async Task A_sequence_that_meets_an_end_token_wastes_only_what_was_launched_ahead(int depth, int wasted)
    {
        await using var device = new TestDevice(new PagedRunner(queueDepth: depth));
        var free = Request(Prompt(1, 10), 100);
        var token = device.Alone(free)[30];
        var request = free with { Sampling = new SamplingParams { Temperature = 0, EndTokenIds = [token] } };
        (await device.Generate(request, Ct)).Tokens.ShouldBe(device.Alone(request));
        await device.UntilNoPageIsLeased();
        device.Worker.Statistics.DiscardedTokens.ShouldBe(wasted);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(5)]
    public async Task A_sequence_that_reaches_its_length_wastes_nothing(int depth)
    {
        await using var device = new TestDevice(new PagedRunner(queueDepth: depth));
        foreach (var length in new[] { 1, 2, 3, 31, 32, 33, 64 })
        {
            var request = Request(Prompt(length, length), 65 - length);
            (await device.Generate(request, Ct)).Tokens.ShouldBe(device.Alone(request));
        }

        device.Worker.Statistics.DiscardedTokens.ShouldBe(0);
    }

    [Fact]
    public async Task Pages_of_a_released_sequence_wait_for_every_step_in_flight_that_touches_them()
    {
        await using var device = new TestDevice(new PagedRunner(queueDepth: 2));
        using var held = new SemaphoreSlim(0);
        using var waits = new SemaphoreSlim(0);
        device.Runner.OnWait = _ =>
        {
            waits.Release();
            held.Wait();
        };
        var prefill = device.Worker.Prefill(Request(Prompt(1, 40), 500), Ct);
        (await waits.WaitAsync(20_000, Ct)).ShouldBeTrue();
        held.Release();                                         // prefill read, two decode steps launched
        var handoff = await prefill;
        (await waits.WaitAsync(20_000, Ct)).ShouldBeTrue();
        device.Worker.Release(handoff.Lease);
        device.Worker.Pages.Leased.ShouldBe(2);
        held.Release();                                         // one of them read
        (await waits.WaitAsync(20_000, Ct)).ShouldBeTrue();
        device.Worker.Pages.Leased.ShouldBe(2);
        device.Runner.OnWait = null;
        held.Release(10);
        await device.UntilNoPageIsLeased();
    }
}
