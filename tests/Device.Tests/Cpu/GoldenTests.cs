using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Cpu;

/// <summary>Every fixture's logits and greedy tokens, however its prompts are cut, shared and batched, with the same bits each way.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Fixtures => [.. Golden.Fixtures];

    [Theory, MemberData(nameof(Fixtures))]
    public void Logits_and_greedy_tokens_are_the_goldens(string fixture)
    {
        using var rig = new CpuRig(Repository.Fixture(fixture));
        foreach (var golden in Golden.Of(fixture))
        {
            var sequence = rig.Start(golden.PromptIds);
            CpuRig.Distance(rig.Prefill(sequence), golden.LastLogits).ShouldBeLessThan(2e-3);
            while (sequence.TokenCount < golden.PromptIds.Length + golden.GreedyIds.Length) rig.Decode(sequence);
            sequence.Tokens[golden.PromptIds.Length..].ToArray().ShouldBe(golden.GreedyIds);
        }
    }

    [Theory, MemberData(nameof(Fixtures))]
    public void Chunks_of_any_size_on_either_lane_give_the_same_bits(string fixture)
    {
        using var rig = new CpuRig(Repository.Fixture(fixture));
        foreach (var golden in Golden.Of(fixture))
        {
            var whole = Continuation(rig, golden, sequence => rig.Prefill(sequence));
            foreach (var chunk in new[] { 1, 5, 16, 31, 32, 33, 64 })
                Continuation(rig, golden, sequence => rig.Prefill(sequence, chunk, lane: chunk % 2 == 0 ? Lane.Prefill : Lane.Decode)).ShouldBe(whole, $"chunks of {chunk}");
        }
    }

    [Theory, MemberData(nameof(Fixtures))]
    public void A_prefix_read_from_anothers_pages_gives_the_same_bits(string fixture)
    {
        using var rig = new CpuRig(Repository.Fixture(fixture));
        var golden = Golden.Of(fixture)[^1];
        var first = rig.Start(golden.PromptIds);
        var whole = rig.Prefill(first);

        var shared = (golden.PromptIds.Length - 1) / PageId.Size;
        var second = rig.Start(golden.PromptIds, shared: first.Pages[..shared]);
        rig.Prefill(second, offset: shared * PageId.Size).ShouldBe(whole);
        for (var step = 0; step < 8; step++)
        {
            var logits = rig.Decode(first, second);
            logits[1].ShouldBe(logits[0]);
        }
        second.Tokens.ToArray().ShouldBe(first.Tokens.ToArray());
    }

    [Theory, MemberData(nameof(Fixtures))]
    public void A_batch_of_16_gives_every_row_the_bits_that_it_has_alone(string fixture)
    {
        using var rig = new CpuRig(Repository.Fixture(fixture));
        var goldens = Golden.Of(fixture);
        var alone = goldens.Select(golden => Continuation(rig, golden, sequence => rig.Prefill(sequence))).ToArray();

        var batch = Enumerable.Range(0, 16).Select(i => rig.Start(goldens[i % goldens.Length].PromptIds)).ToArray();
        foreach (var sequence in batch) rig.Prefill(sequence);
        for (var step = 0; step < Steps; step++)
        {
            var logits = rig.Decode(batch);
            for (var i = 0; i < batch.Length; i++) logits[i].ShouldBe(alone[i % goldens.Length][step + 1]);
        }
    }

    [Theory, MemberData(nameof(Fixtures))]
    public void A_mixed_step_gives_prompts_and_decode_rows_the_bits_that_they_have_alone(string fixture)
    {
        using var rig = new CpuRig(Repository.Fixture(fixture));
        var goldens = Golden.Of(fixture);
        var alone = goldens.Select(golden => Continuation(rig, golden, sequence => rig.Prefill(sequence))).ToArray();

        var decoding = goldens.Select(golden => rig.Start(golden.PromptIds)).ToArray();
        foreach (var sequence in decoding) rig.Prefill(sequence);
        var prompts = goldens.Select(golden => rig.Start(golden.PromptIds)).ToArray();
        var plan = new StepPlan { KeepLogits = true };
        foreach (var prompt in prompts) plan.Add(new PrefillSegment(prompt, 0, prompt.TokenCount, Samples: true));
        foreach (var sequence in decoding) plan.Add(new DecodeRow(sequence, sequence.TokenCount - 1));
        var result = rig.Run(Lane.Decode, plan);
        for (var i = 0; i < goldens.Length; i++)
        {
            result.Logits(i).ToArray().ShouldBe(alone[i][0]);
            result.Logits(goldens.Length + i).ToArray().ShouldBe(alone[i][1]);
        }
    }

    [Theory, MemberData(nameof(Fixtures))]
    public void Slices_of_layers_give_the_same_bits(string fixture)
    {
        using var rig = new CpuRig(Repository.Fixture(fixture));
        var golden = Golden.Of(fixture)[^1];
        var whole = rig.Prefill(rig.Start(golden.PromptIds));

        var sequence = rig.Start(golden.PromptIds);
        for (var layer = 0; layer < rig.Runner.Model.LayerCount; layer++)
        {
            var plan = new StepPlan { KeepLogits = true };
            plan.Add(new PrefillSegment(sequence, 0, sequence.TokenCount, Samples: true, new LayerRange(layer, layer + 1)));
            var result = rig.Run(Lane.Prefill, plan);
            rig.Decode(Decoding(rig));      // the other lane does not disturb it
            if (layer < rig.Runner.Model.LayerCount - 1) result.Sampled.Length.ShouldBe(0);
            else result.Logits(0).ToArray().ShouldBe(whole);
        }
    }

    private const int Steps = 6;

    private static Sequence Decoding(CpuRig rig)
    {
        var sequence = rig.Start([1, 2, 3]);
        rig.Prefill(sequence, lane: Lane.Decode);
        return sequence;
    }

    /// <summary>The logits after the prompt and after each of a few tokens.</summary>
    private static float[][] Continuation(CpuRig rig, Golden golden, Func<Sequence, float[]> prefill)
    {
        var sequence = rig.Start(golden.PromptIds);
        float[][] logits = [prefill(sequence), .. Enumerable.Range(0, Steps).Select(_ => rig.Decode(sequence)[0])];
        rig.Free(sequence);
        return logits;
    }
}
