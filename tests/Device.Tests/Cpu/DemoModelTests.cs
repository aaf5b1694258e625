using System.Text.Json;
using Splitwiser.Gpu;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Cpu;

public sealed class DemoModelTests
{
    [Fact]
    public void The_demo_model_continues_its_golden_prompts_exactly_one_by_one_and_all_at_once()
    {
        using var rig = new CpuRig(Repository.DemoModel);
        using var golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.DemoModel, "golden.json")));
        var prompts = golden.RootElement.GetProperty("prompts").EnumerateArray().ToArray();
        foreach (var prompt in prompts)
        {
            var sequence = rig.Start(Ids(prompt, "prompt_ids"), room: 64);
            rig.Prefill(sequence);
            while (sequence.TokenCount < sequence.OutputStart + Ids(prompt, "greedy_ids").Length) rig.Decode(sequence);
            sequence.Tokens[sequence.OutputStart..].ToArray().ShouldBe(Ids(prompt, "greedy_ids"));
            rig.Free(sequence);
        }

        var together = prompts.Select(prompt => rig.Start(Ids(prompt, "prompt_ids"), room: 64)).ToArray();
        foreach (var sequence in together) rig.Prefill(sequence);
        for (var step = 0; step < 47; step++) rig.Decode(together);
        for (var i = 0; i < prompts.Length; i++)
        {
            var expected = Ids(prompts[i], "greedy_ids");
            together[i].Tokens.Slice(together[i].OutputStart, expected.Length).ToArray().ShouldBe(expected);
        }
    }

    [Fact]
    public void The_most_likely_first_tokens_have_the_golden_logits()
    {
        using var rig = new CpuRig(Repository.DemoModel);
        using var golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.DemoModel, "golden.json")));
        foreach (var prompt in golden.RootElement.GetProperty("prompts").EnumerateArray())
        {
            var logits = rig.Prefill(rig.Start(Ids(prompt, "prompt_ids")));
            var (ids, expected) = (Ids(prompt, "top5_ids"), prompt.GetProperty("top5_logits").EnumerateArray().Select(logit => logit.GetSingle()).ToArray());
            for (var i = 0; i < ids.Length; i++) logits[ids[i]].ShouldBe(expected[i], 2e-3f);
        }
    }

    private static int[] Ids(JsonElement prompt, string name) => [.. prompt.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
}
