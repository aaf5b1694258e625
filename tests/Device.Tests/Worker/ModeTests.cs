using Splitwiser.Gpu;
using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class ModeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Serial_turns_slice_a_prompt_while_others_decode_and_never_overlap_the_phases(int depth)
    {
        var steps = await Steps(new DeviceOptions { Mode = PhaseMode.Serial, PrefillSlice = 50 }, depth);
        steps.ShouldAllBe(step => step.Prompts == 0 || step.Rows == 0);
        steps.ShouldAllBe(step => step.Lane == Lane.Decode);
        steps.Count(step => step.Prompts > 0).ShouldBe(1 + 4);      // 200 tokens in slices of 50
        var slices = steps.Index().Where(step => step.Item.Prompts > 0).Select(step => step.Index).Skip(1).ToList();
        slices.Zip(slices.Skip(1)).ShouldAllBe(pair => pair.Second - pair.First == 2);      // a decode step between any two
    }

    [Fact]
    public async Task Chunked_steps_mix_decode_rows_and_prompt_chunks_within_the_token_budget()
    {
        var steps = await Steps(new DeviceOptions { Mode = PhaseMode.Chunked, MaxBatchedTokens = 41 });
        steps.ShouldAllBe(step => step.Tokens <= 41);
        steps.ShouldAllBe(step => step.Lane == Lane.Decode);
        steps.Count(step => step is { Prompts: 1, Rows: 1, Tokens: 41 }).ShouldBe(5);       // 200 tokens in chunks of 40
    }

    [Fact]
    public async Task Streams_give_each_phase_its_lane()
    {
        var steps = await Steps(new DeviceOptions { Mode = PhaseMode.Streams });
        steps.ShouldAllBe(step => step.Lane == Lane.Decode ? step.Prompts == 0 : step.Rows == 0);
        steps.Count(step => step.Lane == Lane.Prefill).ShouldBe(2);
    }

    [Fact]
    public async Task Adaptive_takes_what_the_measured_costs_favour()
    {
        // Side by side costs both phases dearly here, a prompt token in a mixed step is nearly free.
        using var runner = new PagedRunner(pageCount: 400);
        runner.Cost = (lane, plan) => TimeSpan.FromMicroseconds(
            lane == Lane.Prefill ? 400 * plan.TokenCount
            : plan.Prefill.Count == 0 ? 1000
            : plan.Decode.Count == 0 ? 100 * plan.TokenCount
            : 1000 + 10 * plan.TokenCount);
        await using var device = new TestDevice(runner, new DeviceOptions { Mode = PhaseMode.Adaptive, MaxModelLength = 10_000, ItlTarget = TimeSpan.FromMilliseconds(20) });
        var background = device.Generate(Request(Prompt(1, 10), 3000), Ct);
        for (var i = 0; i < 60; i++)
        {
            var request = Request(Prompt(i, 200), 2);
            (await device.Generate(request, Ct)).Tokens.ShouldBe(device.Alone(request));
        }

        device.Worker.Statistics.MixedSteps.Count.ShouldBeGreaterThan(10);
        (await background).Tokens.Count.ShouldBe(3000);
    }

    [Fact]
    public async Task Adaptive_uses_only_what_the_runner_has()
    {
        await using var device = new TestDevice(new PagedRunner(modes: [PhaseMode.Adaptive, PhaseMode.Serial]), new DeviceOptions { Mode = PhaseMode.Adaptive });
        device.Runner.OnRun = (lane, plan) =>
        {
            if (lane == Lane.Prefill || (plan.Prefill.Count > 0 && plan.Decode.Count > 0)) device.Runner.Misuses.Enqueue("not taking turns");
        };
        var requests = Enumerable.Range(0, 12).Select(i => Request(Prompt(i, 90), 40)).ToList();
        var answers = await Task.WhenAll(requests.Select(request => device.Generate(request, Ct)));
        for (var i = 0; i < requests.Count; i++) answers[i].Tokens.ShouldBe(device.Alone(requests[i]));
    }

    [Theory, InlineData(PhaseMode.Serial), InlineData(PhaseMode.Chunked), InlineData(PhaseMode.Streams), InlineData(PhaseMode.Adaptive)]
    public async Task No_step_has_more_rows_or_positions_than_the_runner_holds(PhaseMode mode)
    {
        // The runner of the test device counts what goes past its limits as misuse.
        await using var device = new TestDevice(
            new PagedRunner(pageCount: 400, maxRows: 3, maxTokens: 20), new DeviceOptions { Mode = mode, MaxSequences = 50, MaxBatchedTokens = 1000 });
        var requests = Enumerable.Range(0, 15).Select(i => Request(Prompt(i, 10 + 9 * i), 30)).ToList();
        var answers = await Task.WhenAll(requests.Select(request => device.Generate(request, Ct)));
        for (var i = 0; i < requests.Count; i++) answers[i].Tokens.ShouldBe(device.Alone(requests[i]));
    }

    /// <summary>One sequence decodes when a prompt of 200 tokens comes.</summary>
    private static async Task<List<(Lane Lane, int Prompts, int Rows, int Tokens)>> Steps(DeviceOptions options, int depth = 1)
    {
        var steps = new List<(Lane, int, int, int)>();
        await using var device = new TestDevice(new PagedRunner(queueDepth: depth), options);
        using var gate = new StepGate(device.Runner);
        var hold = device.Runner.OnRun!;
        device.Runner.OnRun = (lane, plan) =>
        {
            hold(lane, plan);
            lock (steps) steps.Add((lane, plan.Prefill.Count, plan.Decode.Count, plan.TokenCount));
        };
        var first = device.Generate(Request(Prompt(1, 10), 40), Ct);
        await gate.PassNext();
        await gate.Arrival();
        var second = device.Generate(Request(Prompt(2, 200), 2), Ct);
        if (options.Mode == PhaseMode.Streams) await gate.Arrival();    // the prefill lane's, beside the decode lane's
        gate.Open();
        await Task.WhenAll(first, second);
        lock (steps) return steps;
    }
}
