using Splitwiser.Gpu;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Cpu;

public sealed class CpuRunnerTests
{
    private static readonly int[] Prompt = [.. Enumerable.Range(0, 150).Select(i => 1 + i * 31 % 500)];

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        using var weights = ModelFolder.Open(Repository.DemoModel).LoadWeights();
        var runs = new[] { 1, 2, 3, 5 }.Select(threads =>
        {
            using var runner = new CpuRunner(weights, Options(threads));
            var sequences = Enumerable.Range(0, 5).Select(i => New(i, Prompt[..(30 * (i + 1))])).ToArray();
            return new[] { Prefill(runner, sequences), Decode(runner, sequences), Decode(runner, sequences) };
        }).ToArray();
        foreach (var run in runs[1..]) run.ShouldBe(runs[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Lanes_that_run_side_by_side_give_the_bits_that_they_give_alone(int threads)
    {
        using var weights = ModelFolder.Open(Repository.DemoModel).LoadWeights();
        using var runner = new CpuRunner(weights, Options(threads));
        var (prefilling, decoding) = (New(0, Prompt), New(1, Prompt[..40]));
        var prefilled = Prefill(runner, [prefilling]);
        Prefill(runner, [decoding]);
        var decoded = Decode(runner, [decoding]);

        var side = Task.Run(() => Enumerable.Range(0, 6).Select(_ => Prefill(runner, [prefilling], lane: Lane.Prefill)).ToArray(), TestContext.Current.CancellationToken);
        for (var i = 0; i < 60; i++) Decode(runner, [decoding], at: 40).ShouldBe(decoded);
        foreach (var again in await side) again.ShouldBe(prefilled);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("mistral-window")]
    [InlineData("qwen3")]
    public void Nothing_is_read_before_it_is_written(string fixture)
    {
        using var weights = ModelFolder.Open(Repository.Fixture(fixture)).LoadWeights();
        var runs = new[] { 0, float.NaN, float.PositiveInfinity }.Select(poison =>
        {
            using var runner = new CpuRunner(weights, Options(2));
            runner.Poison(poison);
            var sequences = Enumerable.Range(0, 3).Select(i => New(i, Prompt[..(20 + 33 * i)])).ToArray();
            return new[] { Prefill(runner, sequences), Decode(runner, sequences), Decode(runner, sequences) };
        }).ToArray();
        runs[0].ShouldAllBe(logits => logits.All(float.IsFinite));
        foreach (var run in runs[1..]) run.ShouldBe(runs[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_decode_step_allocates_nothing(int threads)
    {
        using var weights = ModelFolder.Open(Repository.DemoModel).LoadWeights();
        using var runner = new CpuRunner(weights, Options(threads));
        var sampling = new SamplingParams { TopK = 20, TopP = 0.9f, RepetitionPenalty = 1.1f, TopLogprobs = 3 };
        var sequences = Enumerable.Range(0, 12).Select(i => New(i, Prompt[..(3 + i)], sampling)).ToArray();
        Prefill(runner, sequences);
        var plan = new StepPlan();
        for (var step = 0; step < 4; step++) Step();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 0; step < 8; step++) Step();
        GC.GetAllocatedBytesForCurrentThread().ShouldBe(before);

        void Step()
        {
            plan.Clear();
            foreach (var sequence in sequences) plan.Add(new DecodeRow(sequence, sequence.TokenCount - 1));
            var result = runner.Run(Lane.Decode, plan);
            for (var row = 0; row < sequences.Length; row++) sequences[row].Append(result.Sampled[row].TokenId);
        }
    }

    [Fact]
    public void A_token_that_the_host_has_not_read_is_fed_back_by_the_lane()
    {
        using var weights = ModelFolder.Open(Repository.DemoModel).LoadWeights();
        using var runner = new CpuRunner(weights, Options(2));
        var sampling = new SamplingParams { Seed = 3, RepetitionPenalty = 1.5f, FrequencyPenalty = 0.5f };
        var (known, fedBack) = (New(0, Prompt, sampling), New(1, Prompt, sampling));
        Prefill(runner, [known, fedBack], lane: Lane.Decode);
        var first = fedBack.Tokens[^1];
        Decode(runner, [known]);

        // The host knows the first token; the second is known to the lane alone.
        var plan = new StepPlan();
        plan.Add(new DecodeRow(fedBack, 150));
        var second = runner.Run(Lane.Decode, plan).Sampled[0].TokenId;
        Decode(runner, [known]);
        plan.Clear();
        plan.Add(new DecodeRow(fedBack, 151, DecodeInput.PreviousStep));
        var third = runner.Run(Lane.Decode, plan).Sampled[0].TokenId;
        new[] { first, second, third }.ShouldBe(known.Tokens[150..].ToArray());
    }

    [Fact]
    public void Results_hold_tokens_logprobs_and_logits_as_asked_for()
    {
        using var weights = ModelFolder.Open(Repository.DemoModel).LoadWeights();
        using var runner = new CpuRunner(weights, Options(2));
        var (plain, reporting) = (New(0, Prompt), New(1, Prompt, SamplingParams.Greedy with { TopLogprobs = 4 }));
        var plan = new StepPlan();
        foreach (var sequence in new[] { plain, reporting }) plan.Add(new PrefillSegment(sequence, 0, 150, Samples: true));
        var result = runner.Run(Lane.Prefill, plan);
        result.IsCompleted.ShouldBeTrue();
        result.Duration.ShouldBeGreaterThan(TimeSpan.Zero);
        result.Sampled.Length.ShouldBe(2);
        result.TopLogprobs(0).Length.ShouldBe(0);
        result.TopLogprobs(1).Length.ShouldBe(4);
        result.TopLogprobs(1)[0].ShouldBe(result.Sampled[1]);
        result.Sampled[0].TokenId.ShouldBe(result.Sampled[1].TokenId);
        Should.Throw<InvalidOperationException>(() => result.Logits(0).Length);
        Should.Throw<ArgumentOutOfRangeException>(() => result.TopLogprobs(2).Length);
    }

    [Fact]
    public void The_runner_tells_what_it_is()
    {
        using var weights = ModelFolder.Open(Repository.Fixture("llama")).LoadWeights();
        using var runner = new CpuRunner(weights, Options(3));
        runner.Info.DeviceName.ShouldStartWith("CPU, 3 threads, ");
        runner.Info.PageBytes.ShouldBe(2 * 2 * 2 * 32 * 16 * 4);      // layers, kv heads, keys and values, tokens, head size, bytes
        runner.Info.PageBytes.ShouldBe(CpuRunner.PageBytesOf(runner.Model));
        runner.Info.QueueDepth.ShouldBe(1);
        runner.Info.Modes.ShouldBe([PhaseMode.Adaptive, PhaseMode.Serial, PhaseMode.Chunked, PhaseMode.Streams], ignoreOrder: true);
    }

    [Fact]
    public void More_pages_than_any_machine_has_are_refused()
    {
        using var weights = ModelFolder.Open(Repository.DemoModel).LoadWeights();
        Should.Throw<OutOfMemoryException>(() => new CpuRunner(weights, Options(2) with { PageCount = int.MaxValue }));      // 560 TB
        Should.Throw<ArgumentOutOfRangeException>(() => new CpuRunner(weights, Options(0)));
    }

    private static CpuRunnerOptions Options(int threads) => new() { Threads = threads, PageCount = 192, MaxRows = 16, MaxTokens = 512, MaxSequences = 16 };

    /// <summary>A sequence with the twelve pages of its slot.</summary>
    private static Sequence New(int slot, ReadOnlySpan<int> prompt, SamplingParams? sampling = null)
    {
        var sequence = new Sequence(slot, prompt, prompt.Length, sampling ?? SamplingParams.Greedy, prompt.Length + 32);
        while (sequence.PageCount < PageId.CountFor(sequence.Capacity)) sequence.AddPage(new PageId(slot * 12 + sequence.PageCount));
        return sequence;
    }

    /// <summary>All logits, row after row. Sequences that were only prompts get their token.</summary>
    private static float[] Prefill(CpuRunner runner, Sequence[] sequences, Lane lane = Lane.Prefill)
    {
        var plan = new StepPlan { KeepLogits = true };
        foreach (var sequence in sequences) plan.Add(new PrefillSegment(sequence, 0, sequence.OutputStart, Samples: true));
        var result = runner.Run(lane, plan);
        for (var row = 0; row < sequences.Length; row++)
            if (sequences[row].TokenCount == sequences[row].OutputStart) sequences[row].Append(result.Sampled[row].TokenId);
        return [.. Enumerable.Range(0, sequences.Length).SelectMany(row => result.Logits(row).ToArray())];
    }

    /// <summary>All logits, row after row; the tokens are appended unless a position is given.</summary>
    private static float[] Decode(CpuRunner runner, Sequence[] sequences, int? at = null)
    {
        var plan = new StepPlan { KeepLogits = true };
        foreach (var sequence in sequences) plan.Add(new DecodeRow(sequence, at ?? sequence.TokenCount - 1));
        var result = runner.Run(Lane.Decode, plan);
        for (var row = 0; row < sequences.Length && at is null; row++) sequences[row].Append(result.Sampled[row].TokenId);
        return [.. Enumerable.Range(0, sequences.Length).SelectMany(row => result.Logits(row).ToArray())];
    }
}
