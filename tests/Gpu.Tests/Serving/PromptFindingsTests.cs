using System.Text.Json;
using Splitwiser.Gpu.Tests.Models;
using Splitwiser.Silo.Tests;

namespace Splitwiser.Gpu.Tests.Serving;

/// <summary>Embeddings and the logprobs of echoed prompts of a silo that serves on the GPU are those of one that serves on the CPU.</summary>
public sealed class PromptFindingsTests
{
    private const double Limit = 2e-2;
    private static readonly string[] Sizes = ["--model", Repository.DemoModel, "--num-gpu-blocks-override", "256", "--max-num-seqs", "16", "--max-num-batched-tokens", "64"];

    [Fact]
    public async Task Embeddings_and_logprobs_of_echoed_prompts_are_the_cpus()
    {
        _ = Card.Required;
        await using var gpu = await RunningSilo.Start([.. Sizes, "--device", "cuda"]);
        await using var cpu = await RunningSilo.Start([.. Sizes, "--device", "cpu"]);
        foreach (var golden in GoldenPrompt.All)
            foreach (var round in new[] { "cold", "warm" })
            {
                foreach (var ask in new[] { Embedding, Echoed })
                {
                    var (actual, expected) = (await ask(gpu, golden.Prompt), await ask(cpu, golden.Prompt));
                    Golden.Distance(actual, expected).ShouldBeLessThan(Limit, $"{golden.Prompt}, {round}");
                }
            }
        await Settles.AllPagesAreBack(gpu.Api);
    }

    private static async Task<float[]> Embedding(RunningSilo silo, string input) =>
        [.. (await silo.Api.Post("v1/embeddings", new { input })).Success().GetProperty("data")[0].GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle())];

    /// <summary>Of the prompt's tokens from the second on; the token that is sampled behind them may be another one.</summary>
    private static async Task<float[]> Echoed(RunningSilo silo, string prompt)
    {
        var answer = await silo.Api.Complete(new { prompt, echo = true, logprobs = 2, max_tokens = 1, temperature = 0 });
        var logprobs = answer.Choice().GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().ToArray();
        logprobs[0].ValueKind.ShouldBe(JsonValueKind.Null);
        return [.. logprobs[1..^1].Select(value => value.GetSingle())];
    }
}
