using Splitwiser.Gpu;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Cpu;

public sealed class PromptProbeTests
{
    private const int Top = 3;

    public static TheoryData<string> Fixtures => [.. Golden.Fixtures];

    [Theory, MemberData(nameof(Fixtures))]
    public void Prompt_logprobs_are_those_of_the_prompts_that_end_there(string fixture)
    {
        using var rig = new CpuRig(Repository.Fixture(fixture));
        var ids = Golden.Of(fixture)[2].PromptIds;
        var probe = Probed(rig, ids, chunk: 7, pooling: null, Top);
        probe.IsComplete.ShouldBeTrue();
        probe.Logprobs.ToArray().Select(logprob => logprob.TokenId).ShouldBe(ids[1..]);
        for (var i = 0; i < ids.Length - 1; i++)
        {
            var plan = new StepPlan { KeepLogits = true };
            var prefix = rig.Start(ids.AsSpan(0, i + 1), sampling: SamplingParams.Greedy with { TopLogprobs = Top });
            plan.Add(new PrefillSegment(prefix, 0, i + 1, Samples: true));
            var result = rig.Run(Lane.Prefill, plan);
            probe.TopOf(i).ToArray().ShouldBe(result.TopLogprobs(0).ToArray());
            var logits = result.Logits(0).ToArray();
            var logOfSum = Math.Log(logits.Sum(logit => Math.Exp(logit - logits.Max()))) + logits.Max();
            ((double)probe.Logprobs[i].Logprob).ShouldBe(logits[ids[i + 1]] - logOfSum, 1e-4);
            rig.Free(prefix);
        }
    }

    [Theory, InlineData("llama"), InlineData("mistral-window"), InlineData("qwen2")]
    public void The_head_makes_the_prompts_logits_of_its_last_hidden_state(string fixture)
    {
        using var rig = new CpuRig(Repository.Fixture(fixture));
        var golden = Golden.Of(fixture)[2];
        CpuRig.Distance(Logits(fixture, Probed(rig, golden.PromptIds, chunk: 5, Pooling.Last, null).Pooled()), golden.LastLogits).ShouldBeLessThan(2e-3);
    }

    [Fact]
    public void The_mean_is_that_of_the_last_states_of_every_prefix_whatever_the_chunks()
    {
        using var rig = new CpuRig(Repository.Fixture("llama"));
        var ids = Golden.Of("llama")[2].PromptIds;
        var mean = Probed(rig, ids, chunk: 256, Pooling.Mean, null).Pooled();
        Probed(rig, ids, chunk: 3, Pooling.Mean, Top).Pooled().ShouldBe(mean);
        var last = Enumerable.Range(1, ids.Length).Select(length => Probed(rig, ids[..length], chunk: 256, Pooling.Last, null).Pooled()).ToArray();
        for (var i = 0; i < mean.Length; i++)
            mean[i].ShouldBe(last.Average(state => state[i]), 1e-5f);
    }

    [Fact]
    public void Positions_that_were_seen_are_not_seen_again()
    {
        using var rig = new CpuRig(Repository.Fixture("llama"));
        var ids = Golden.Of("llama")[2].PromptIds;
        var probe = new PromptProbe(ids.Length, rig.Runner.Model.HiddenSize, Pooling.Mean, null);
        var first = new Sequence(0, ids, ids.Length, SamplingParams.Greedy, ids.Length + 32) { Probe = probe };
        foreach (var page in rig.Start(ids).Pages)
            first.AddPage(page);
        var plan = new StepPlan();
        plan.Add(new PrefillSegment(first, 0, 4, Samples: false));
        rig.Run(Lane.Prefill, plan);
        rig.Prefill(first); // preempted, and computed from its beginning
        probe.Pooled().ShouldBe(Probed(rig, ids, chunk: 256, Pooling.Mean, null).Pooled());
    }

    private static PromptProbe Probed(CpuRig rig, int[] ids, int chunk, Pooling? pooling, int? top)
    {
        var probe = new PromptProbe(ids.Length, rig.Runner.Model.HiddenSize, pooling, top);
        var pages = rig.Start(ids);
        var sequence = new Sequence(0, ids, ids.Length, SamplingParams.Greedy, ids.Length + 32) { Probe = probe };
        foreach (var page in pages.Pages)
            sequence.AddPage(page);
        rig.Prefill(sequence, chunk);
        rig.Free(pages);
        return probe;
    }

    private static float[] Logits(string fixture, float[] hidden)
    {
        using var weights = ModelFolder.Open(Repository.Fixture(fixture)).LoadWeights();
        var head = new float[weights.Head.ElementCount];
        weights.Head.CopyTo(head);
        return [.. Enumerable.Range(0, weights.Config.VocabularySize).Select(row => (float)Enumerable.Range(0, hidden.Length).Sum(i => (double)head[(row * hidden.Length) + i] * hidden[i]))];
    }
}
