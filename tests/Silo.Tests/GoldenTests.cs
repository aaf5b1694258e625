namespace Splitwiser.Silo.Tests;

public sealed class GoldenTests(DemoSilo silo)
{
    public static TheoryData<int> Prompts => [.. Enumerable.Range(0, GoldenPrompt.All.Count)];

    public static TheoryData<int> Encodings => [.. Enumerable.Range(0, GoldenPrompt.Encodings.Count)];

    [Theory, MemberData(nameof(Prompts))]
    public async Task Greedy_ids_and_text_are_those_of_transformers(int index)
    {
        var golden = GoldenPrompt.All[index];
        var answer = await silo.Api.Complete(new { prompt = golden.Prompt, temperature = 0, max_tokens = golden.GreedyIds.Length, return_token_ids = true });
        answer.Choice().Ints("prompt_token_ids").ShouldBe(golden.PromptIds);
        answer.Choice().TokenIds().ShouldBe(golden.GreedyIds);
        answer.Choice().Text("text").ShouldBe(golden.GreedyText);
    }

    [Theory, MemberData(nameof(Prompts))]
    public async Task A_prompt_of_ids_gets_what_its_text_gets(int index)
    {
        var golden = GoldenPrompt.All[index];
        var answer = await silo.Api.Complete(new { prompt = golden.PromptIds, temperature = 0, max_tokens = golden.GreedyIds.Length, return_token_ids = true });
        answer.Choice().TokenIds().ShouldBe(golden.GreedyIds);
    }

    [Theory, MemberData(nameof(Prompts))]
    public async Task The_most_likely_tokens_differ_as_their_logits_do(int index)
    {
        var golden = GoldenPrompt.All[index];
        var answer = await silo.Api.Complete(new { prompt = golden.Prompt, temperature = 0, max_tokens = 1, logprobs = 5, return_tokens_as_token_ids = true });
        var top = answer.Choice().GetProperty("logprobs").GetProperty("top_logprobs")[0];
        var logprobs = golden.Top5Ids.Select(id => top.GetProperty($"token_id:{id}").GetSingle()).ToArray();
        for (var i = 1; i < logprobs.Length; i++)
            (logprobs[0] - logprobs[i]).ShouldBe(golden.Top5Logits[0] - golden.Top5Logits[i], 1e-2);
    }

    [Theory, MemberData(nameof(Encodings))]
    public async Task Texts_are_tokenized_as_by_the_reference_and_back(int index)
    {
        var (text, ids) = GoldenPrompt.Encodings[index];
        var tokens = (await silo.Api.Post("tokenize", new { prompt = text, add_special_tokens = false })).Success();
        tokens.Ints("tokens").ShouldBe(ids);
        tokens.Number("count").ShouldBe(ids.Length);
        (await silo.Api.Post("detokenize", new { tokens = ids })).Success().Text("prompt").ShouldBe(text);
    }
}
