using Splitwiser.Gpu.Tests.Models;
using static Splitwiser.Gpu.Tests.Partition.SmPartitionTests;

namespace Splitwiser.Gpu.Tests.Partition;

/// <summary>What is computed on a part of the card is what is computed on all of it.</summary>
public sealed class PartitionGoldenTests
{
    public static TheoryData<string> Fixtures => [.. Golden.Fixtures];

    [Theory, MemberData(nameof(Fixtures))]
    public void On_every_split_logits_are_the_goldens(string fixture)
    {
        using var rig = Split(fixture: fixture);
        foreach (var split in rig.Runner.Info.Splits)
        {
            rig.Split = split;
            foreach (var golden in Golden.Of(fixture))
            {
                var sequence = rig.Start(golden.PromptIds, 8);
                Golden.Distance(rig.Prefill(sequence), golden.LastLogits).ShouldBeLessThan(2e-2, $"{split}");
                rig.Free(sequence);
            }
        }
    }

    [Fact]
    public void Greedy_tokens_on_splits_differ_from_the_goldens_at_ties_only()
    {
        var rule = new TieRule();
        using var rig = Split(fixture: "demo");
        foreach (var split in rig.Runner.Info.Splits)
        {
            rig.Split = split;
            foreach (var golden in Golden.OfDemo())
            {
                var sequence = rig.Start(golden.PromptIds, golden.GreedyIds.Length);
                var logits = rig.Prefill(sequence);
                foreach (var token in golden.GreedyIds)
                {
                    rule.Check(logits, token, $"{split}: {golden.Prompt}, position {sequence.TokenCount}");
                    sequence.Append(token);
                    logits = rig.Decode(sequence)[0];       // from the third step on, a graph
                }
                rig.Free(sequence);
            }
        }
        rule.CheckShare();
    }

    /// <summary>Layers of one prompt alternate between all splits and the whole card; then every decode step is elsewhere.</summary>
    [Theory, InlineData("llama"), InlineData("gemma2"), InlineData("demo")]
    public void A_prompt_that_moves_between_the_layers_and_an_answer_that_moves_with_every_token_have_the_same_bits(string model)
    {
        using var rig = Split(fixture: model, invariant: true);
        int[][] prompts = model == "demo" ? [.. Golden.OfDemo().Take(3).Select(golden => golden.PromptIds)] : [.. Golden.Of(model).Select(golden => golden.PromptIds)];
        SmSplit?[] places = [null, .. rig.Runner.Info.Splits.Select(split => (SmSplit?)split)];
        foreach (var prompt in prompts)
        {
            var expected = Continue(rig, prompt, _ => null);
            foreach (var place in places) Continue(rig, prompt, _ => place).ShouldBe(expected, $"on {place?.ToString() ?? "all"}");
            Continue(rig, prompt, step => places[step % places.Length]).ShouldBe(expected, "moving");
            Continue(rig, prompt, step => places[(step * 3 + 1) % places.Length]).ShouldBe(expected, "moving otherwise");
        }
    }

    /// <summary>The read-back in the middle of the work: a sample is taken every 1,024 steps of a place, and it throws when a block ran elsewhere.</summary>
    [Fact]
    public void More_than_a_thousand_decode_steps_of_a_split_stay_on_its_multiprocessors()
    {
        using var rig = Split([24], "demo");
        rig.Split = rig.Runner.Info.Splits[0];
        var prompt = Golden.OfDemo()[0].PromptIds;
        var steps = 0;
        while (steps < 2100)
        {
            var sequence = rig.Start(prompt, 200);
            rig.Prefill(sequence);
            for (var i = 0; i < 200; i++, steps++)
            {
                sequence.Append(prompt[i % prompt.Length]);
                var plan = new StepPlan();
                plan.Add(new DecodeRow(sequence, sequence.TokenCount - 1));
                rig.Run(Lane.Decode, plan).Processors.ShouldBe(rig.Split.Value.Decode);
            }
            rig.Free(sequence);
        }
    }

    /// <summary>Both lanes at once, each on its part, from two threads.</summary>
    [Fact]
    public async Task The_two_phases_at_once_compute_what_each_computes_alone()
    {
        using var rig = Split(fixture: "demo", invariant: true);
        var goldens = Golden.OfDemo();
        foreach (var split in rig.Runner.Info.Splits)
        {
            rig.Split = split;
            var answering = goldens.Take(4).Select(golden => rig.Start(golden.PromptIds, 40)).ToArray();
            foreach (var sequence in answering) rig.Prefill(sequence);
            var prompting = goldens.Skip(4).Take(4).Select(golden => rig.Start(golden.PromptIds, 8)).ToArray();
            var expectedPrompts = prompting.Select(sequence => rig.Prefill(sequence)).ToArray();
            var (alone, beside) = (Answer(rig, answering), Task.Run(() =>
            {
                for (var round = 0; round < 20; round++)
                    for (var i = 0; i < prompting.Length; i++) rig.Prefill(prompting[i], layersAtOnce: 1 + round % 3).ShouldBe(expectedPrompts[i], $"{split}, prompt {i}, round {round}");
            }, TestContext.Current.CancellationToken));
            for (var round = 0; round < 5; round++) Answer(rig, answering).ShouldBe(alone, $"{split}, round {round}");
            await beside;
            foreach (var sequence in answering.Concat(prompting)) rig.Free(sequence);
        }
    }

    /// <summary>The logits of a decode step of all, which is repeated: it writes the same keys and values again.</summary>
    private static float[][] Answer(GpuRig rig, Sequence[] sequences)
    {
        float[][] logits = [];
        for (var i = 0; i < 20; i++) logits = rig.Decode(sequences);
        return logits;
    }

    private static float[][] Continue(GpuRig rig, int[] prompt, Func<int, SmSplit?> place)
    {
        var step = 0;
        var sequence = rig.Start(prompt, 16);
        var logits = new List<float[]>();
        var layers = rig.Runner.Model.LayerCount;
        for (var layer = 0; layer < layers; layer++)
        {
            rig.Split = place(step++);
            var plan = new StepPlan { KeepLogits = true };
            plan.Add(new PrefillSegment(sequence, 0, prompt.Length, Samples: layer == layers - 1, new LayerRange(layer, layer + 1)));
            var result = rig.Run(Lane.Prefill, plan);
            if (layer == layers - 1) logits.Add(result.Logits(0).ToArray());
        }
        for (var i = 0; i < 12; i++)
        {
            sequence.Append(Array.IndexOf(logits[^1], logits[^1].Max()));
            rig.Split = place(step++);
            logits.Add(rig.Decode(sequence)[0]);
        }
        rig.Free(sequence);
        return [.. logits];
    }
}
