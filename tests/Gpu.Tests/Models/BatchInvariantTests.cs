using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models.Sampling;
using Splitwiser.Tests;

namespace Splitwiser.Gpu.Tests.Models;

/// <summary>With BatchInvariant a row has the same bits whatever is computed beside it and however its prompt is cut.</summary>
public sealed class BatchInvariantTests
{
    public static TheoryData<string> Models => [.. Golden.Fixtures, "demo"];

    [Theory, MemberData(nameof(Models))]
    public void Batches_and_chunks_change_no_bit(string model)
    {
        using var rig = Rig(model);
        var prompts = PromptsOf(model);
        var alone = prompts.Select(prompt => Continuation(rig, prompt, sequence => rig.Prefill(sequence))).ToArray();
        for (var i = 0; i < prompts.Length; i++)
        {
            foreach (var chunk in new[] { 1, 7, 32, 33 })
                Continuation(rig, prompts[i], sequence => rig.Prefill(sequence, chunk)).ShouldBe(alone[i], $"chunks of {chunk}");
            Continuation(rig, prompts[i], sequence => rig.Prefill(sequence, layersAtOnce: 1)).ShouldBe(alone[i], "layer slices");
            Continuation(rig, prompts[i], sequence => rig.Prefill(sequence, lane: Lane.Decode)).ShouldBe(alone[i], "the other lane");
        }

        // All prompts in one step, then decode steps of 1 to 16 rows.
        foreach (var rows in new[] { prompts.Length, 16 })
        {
            var batch = Enumerable.Range(0, rows).Select(i => rig.Start(prompts[i % prompts.Length], Room)).ToArray();
            var plan = new StepPlan { KeepLogits = true };
            foreach (var sequence in batch[..prompts.Length]) plan.Add(new PrefillSegment(sequence, 0, sequence.TokenCount, Samples: true));
            var result = rig.Run(Lane.Prefill, plan);
            for (var i = 0; i < prompts.Length; i++) result.Logits(i).ToArray().ShouldBe(alone[i][0], $"prompt {i} of a step of all");
            foreach (var sequence in batch[prompts.Length..]) rig.Prefill(sequence);
            for (var step = 1; step < alone[0].Length; step++)
            {
                for (var i = 0; i < rows; i++) batch[i].Append(Best(alone[i % prompts.Length][step - 1]));
                var together = rig.Decode(batch);
                for (var i = 0; i < rows; i++) together[i].ShouldBe(alone[i % prompts.Length][step], $"row {i} of {rows}, step {step}");
            }
            foreach (var sequence in batch) rig.Free(sequence);
        }

        // Prompts and decode rows in one step.
        var decoding = prompts.Select(prompt => rig.Start(prompt, Room)).ToArray();
        foreach (var sequence in decoding) rig.Prefill(sequence);
        for (var i = 0; i < prompts.Length; i++) decoding[i].Append(Best(alone[i][0]));
        var prompting = prompts.Select(prompt => rig.Start(prompt, Room)).ToArray();
        var mixed = new StepPlan { KeepLogits = true };
        foreach (var sequence in prompting) mixed.Add(new PrefillSegment(sequence, 0, sequence.TokenCount, Samples: true));
        foreach (var sequence in decoding) mixed.Add(new DecodeRow(sequence, sequence.TokenCount - 1));
        var both = rig.Run(Lane.Decode, mixed);
        for (var i = 0; i < prompts.Length; i++)
        {
            both.Logits(i).ToArray().ShouldBe(alone[i][0], $"prompt {i} of a mixed step");
            both.Logits(prompts.Length + i).ToArray().ShouldBe(alone[i][1], $"decode row {i} of a mixed step");
        }
    }

    private const int Room = 8, Steps = 4;

    private static GpuRig Rig(string model) => new(model == "demo" ? Repository.DemoModel : Repository.Fixture(model),
        new CudaRunnerOptions { PageCount = 512, MaxRows = 64, MaxTokens = 512, MaxSequences = GpuRig.Slots, BatchInvariant = true });

    private static int[][] PromptsOf(string model) => model == "demo" ? [.. Golden.OfDemo().Take(4).Select(golden => golden.PromptIds)] : [.. Golden.Of(model).Select(golden => golden.PromptIds)];

    /// <summary>The logits after the prompt and after each of a few greedy tokens, alone.</summary>
    private static float[][] Continuation(GpuRig rig, int[] prompt, Func<Sequence, float[]> prefill)
    {
        var sequence = rig.Start(prompt, Room);
        var logits = new List<float[]> { prefill(sequence) };
        for (var step = 0; step < Steps; step++)
        {
            sequence.Append(Best(logits[^1]));
            logits.Add(rig.Decode(sequence)[0]);
        }
        rig.Free(sequence);
        return [.. logits];
    }

    private static int Best(float[] logits) => Array.IndexOf(logits, logits.Max());
}
