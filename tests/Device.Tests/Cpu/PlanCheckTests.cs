using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models.Sampling;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Cpu;

/// <summary>A plan that can't be run is refused before anything is computed.</summary>
public sealed class PlanCheckTests
{
    private static readonly Dictionary<string, Action<StepPlan>> Plans = new()
    {
        ["too many positions"] = plan => { for (var i = 0; i < 4; i++) plan.Add(new PrefillSegment(New(90), 0, 90, true)); },
        ["too many sampling rows"] = plan => { for (var i = 0; i < 33; i++) plan.Add(new DecodeRow(New(3), 2)); },
        ["a segment past the tokens"] = plan => plan.Add(new PrefillSegment(New(10), 5, 6, true)),
        ["an empty segment"] = plan => plan.Add(new PrefillSegment(New(10), 5, 0, true)),
        ["a row past the tokens"] = plan => plan.Add(new DecodeRow(New(10), 10)),
        ["a row two past the tokens"] = plan => plan.Add(new DecodeRow(New(10), 11, DecodeInput.PreviousStep)),
        ["too few pages"] = plan => plan.Add(new PrefillSegment(New(40, pages: 1), 0, 40, true)),
        ["an unknown page"] = plan => plan.Add(new PrefillSegment(New(10, firstPage: 96), 0, 10, true)),
        ["a token outside the vocabulary"] = plan => plan.Add(new PrefillSegment(New(10, token: 512), 0, 10, true)),
        ["a negative token"] = plan => plan.Add(new PrefillSegment(New(10, token: -1), 0, 10, true)),
        ["an unknown slot"] = plan => plan.Add(new DecodeRow(New(10, slot: 64), 9)),
        ["layers that are not there"] = plan => plan.Add(new PrefillSegment(New(10), 0, 10, true, new LayerRange(0, 3))),
        ["no layers"] = plan => plan.Add(new PrefillSegment(New(10), 0, 10, true, new LayerRange(1, 1))),
        ["a slice that follows nothing"] = plan => plan.Add(new PrefillSegment(New(10), 0, 10, true, new LayerRange(1, 2))),
        ["different slices"] = plan => { plan.Add(new PrefillSegment(New(10), 0, 10, true, new LayerRange(0, 1))); plan.Add(new PrefillSegment(New(10), 0, 10, true)); },
        ["a slice beside decode rows"] = plan => { plan.Add(new PrefillSegment(New(10), 0, 10, true, new LayerRange(0, 1))); plan.Add(new DecodeRow(New(10), 9)); },
    };

    public static TheoryData<string> Names => [.. Plans.Keys];

    [Theory, MemberData(nameof(Names))]
    public void It_is_refused_and_the_runner_goes_on(string name)
    {
        using var rig = new CpuRig(Repository.Fixture("llama"));
        var before = rig.Prefill(rig.Start([1, 2, 3]));
        var plan = new StepPlan();
        Plans[name](plan);
        Should.Throw<ArgumentException>(() => rig.Run(Lane.Prefill, plan));
        rig.Prefill(rig.Start([1, 2, 3])).ShouldBe(before);
    }

    [Fact]
    public void A_slice_must_follow_the_slice_before_it()
    {
        using var rig = new CpuRig(Repository.Fixture("llama"));
        var (one, other) = (New(10), New(10));
        rig.Run(Lane.Prefill, Slice(one, 0));
        Should.Throw<ArgumentException>(() => rig.Run(Lane.Prefill, Slice(other, 1)));
        Should.Throw<ArgumentException>(() => rig.Run(Lane.Prefill, Slice(one, 1)));        // the refused step broke the line
        rig.Run(Lane.Prefill, Slice(one, 0));
        Should.Throw<ArgumentException>(() => rig.Run(Lane.Decode, Slice(one, 1)));
        rig.Run(Lane.Prefill, Slice(one, 1)).Sampled.Length.ShouldBe(1);
        Should.Throw<ArgumentException>(() => rig.Run(Lane.Prefill, Slice(one, 1)));
    }

    private static StepPlan Slice(Sequence sequence, int layer)
    {
        var plan = new StepPlan();
        plan.Add(new PrefillSegment(sequence, 0, sequence.TokenCount, true, new LayerRange(layer, layer + 1)));
        return plan;
    }

    private static Sequence New(int tokens, int pages = 4, int firstPage = 0, int token = 1, int slot = 0)
    {
        var sequence = new Sequence(slot, Enumerable.Repeat(token, tokens).ToArray(), tokens, SamplingParams.Greedy, 100);
        for (var i = 0; i < pages; i++) sequence.AddPage(new PageId(firstPage + i));
        return sequence;
    }
}
