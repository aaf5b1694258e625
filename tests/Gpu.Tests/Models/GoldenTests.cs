using Splitwiser.Gpu.Kv;
using Splitwiser.Models.Sampling;
using Splitwiser.Tests;

namespace Splitwiser.Gpu.Tests.Models;

/// <summary>Whole models against what transformers computed, however their prompts are cut, shared and batched.</summary>
public sealed class GoldenTests
{
    private const double Limit = 2e-2;

    public static TheoryData<string> Fixtures => [.. Golden.Fixtures];

    [Theory, MemberData(nameof(Fixtures))]
    public void A_prompts_logits_are_the_goldens(string fixture)
    {
        using var rig = new GpuRig(Repository.Fixture(fixture));
        foreach (var golden in Golden.Of(fixture)) Golden.Distance(rig.Prefill(rig.Start(golden.PromptIds)), golden.LastLogits).ShouldBeLessThan(Limit);
    }

    [Fact]
    public void Greedy_tokens_differ_from_the_goldens_at_ties_only()
    {
        var rule = new TieRule();
        foreach (var fixture in Golden.Fixtures)
        {
            using var rig = new GpuRig(Repository.Fixture(fixture));
            foreach (var golden in Golden.Of(fixture)) Follow(rig, rule, golden.PromptIds, golden.GreedyIds, fixture);
        }
        using var demo = new GpuRig(Repository.DemoModel);
        foreach (var golden in Golden.OfDemo()) Follow(demo, rule, golden.PromptIds, golden.GreedyIds, golden.Prompt);
        rule.CheckShare();
    }

    [Theory, MemberData(nameof(Fixtures))]
    public void Cut_shared_sliced_and_batched_prompts_give_the_same_logits(string fixture)
    {
        using var rig = new GpuRig(Repository.Fixture(fixture));
        var goldens = Golden.Of(fixture);
        var longest = goldens.MaxBy(golden => golden.PromptIds.Length)!;
        foreach (var chunk in new[] { 1, 7, 32, 33 })
            Golden.Distance(rig.Prefill(rig.Start(longest.PromptIds, 8), chunk), longest.LastLogits).ShouldBeLessThan(Limit, $"chunks of {chunk}");
        Golden.Distance(rig.Prefill(rig.Start(longest.PromptIds, 8), layersAtOnce: 1), longest.LastLogits).ShouldBeLessThan(Limit, "layer slices");
        Golden.Distance(rig.Prefill(rig.Start(longest.PromptIds, 8), lane: Lane.Decode), longest.LastLogits).ShouldBeLessThan(Limit, "the other lane");

        var first = rig.Start(longest.PromptIds, 8);
        rig.Prefill(first);
        var shared = (longest.PromptIds.Length - 1) / PageId.Size;
        var second = rig.Start(longest.PromptIds, 8, shared: first.Pages[..shared]);
        Golden.Distance(rig.Prefill(second, offset: shared * PageId.Size), longest.LastLogits).ShouldBeLessThan(Limit, "shared prefix");

        // All prompts and a decoding sequence in one step.
        var sequences = goldens.Select(golden => rig.Start(golden.PromptIds)).ToArray();
        first.Append(longest.GreedyIds[0]);
        var alone = rig.Decode(first)[0];
        var plan = new StepPlan { KeepLogits = true };
        foreach (var sequence in sequences) plan.Add(new PrefillSegment(sequence, 0, sequence.TokenCount, Samples: true));
        plan.Add(new DecodeRow(first, first.TokenCount - 1));
        var result = rig.Run(Lane.Decode, plan);
        for (var row = 0; row < goldens.Length; row++) Golden.Distance(result.Logits(row), goldens[row].LastLogits).ShouldBeLessThan(Limit, $"row {row} of a mixed batch");
        Golden.Distance(result.Logits(goldens.Length), alone).ShouldBeLessThan(Limit, "the decode row of a mixed batch");

        // One decode step of all.
        for (var row = 0; row < goldens.Length; row++) sequences[row].Append(goldens[row].GreedyIds[0]);
        var together = rig.Decode(sequences);
        for (var row = 0; row < goldens.Length; row++) Golden.Distance(together[row], rig.Decode(sequences[row])[0]).ShouldBeLessThan(Limit, $"row {row} of a decode batch");
    }

    [Fact]
    public void The_demo_models_likeliest_logits_are_the_goldens()
    {
        using var rig = new GpuRig(Repository.DemoModel);
        foreach (var golden in Golden.OfDemo())
        {
            var logits = rig.Prefill(rig.Start(golden.PromptIds));
            Golden.Distance([.. golden.Top5Ids.Select(id => logits[id])], golden.Top5Logits).ShouldBeLessThan(Limit, golden.Prompt);
        }
    }

    [Fact]
    public void Tokens_fed_back_on_the_device_are_those_read_by_the_host()
    {
        using var rig = new GpuRig(Repository.DemoModel);
        var prompts = Golden.OfDemo().Select(golden => golden.PromptIds).ToArray();
        SamplingParams[] sampling = [SamplingParams.Greedy, new() { Seed = 5, TopP = 0.9f }, new() { Seed = 6, RepetitionPenalty = 1.2f }, new() { Seed = 7, TopK = 3, TopLogprobs = 2 }];
        var read = Generate(ahead: false);
        Generate(ahead: true).ShouldBe(read);

        int[][] Generate(bool ahead)
        {
            var sequences = prompts.Select((prompt, i) => rig.Start(prompt, 40, sampling[i % sampling.Length])).ToArray();
            var plan = new StepPlan();
            foreach (var sequence in sequences) plan.Add(new PrefillSegment(sequence, 0, sequence.TokenCount, Samples: true));
            Append(rig.Run(Lane.Decode, plan));
            var previous = default(StepResult);
            for (var step = 0; step < 32; step++)
            {
                plan = new StepPlan();
                foreach (var sequence in sequences)
                    plan.Add(previous is null ? new DecodeRow(sequence, sequence.TokenCount - 1) : new DecodeRow(sequence, sequence.TokenCount, DecodeInput.PreviousStep));
                var next = rig.Runner.Run(Lane.Decode, plan);
                if (previous is not null) Append(previous);
                previous = ahead ? next : null;
                if (!ahead) Append(next);
            }
            if (previous is not null) Append(previous);
            return [.. sequences.Select(sequence => sequence.Tokens.ToArray())];

            void Append(StepResult result)
            {
                result.Wait();
                for (var row = 0; row < sequences.Length; row++) sequences[row].Append(result.Sampled[row].TokenId);
            }
        }
    }

    /// <summary>Teacher-forced: every step is given the golden token.</summary>
    private static void Follow(GpuRig rig, TieRule rule, int[] prompt, int[] greedy, string name)
    {
        var sequence = rig.Start(prompt);
        var logits = rig.Prefill(sequence);
        foreach (var token in greedy)
        {
            rule.Check(logits, token, $"{name}, position {sequence.TokenCount}");
            sequence.Append(token);
            logits = rig.Decode(sequence)[0];
        }
    }
}
