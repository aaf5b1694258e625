using Splitwiser.Gpu;
using Splitwiser.Tests;
using Splitwiser.Gpu.Kv;

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
}
