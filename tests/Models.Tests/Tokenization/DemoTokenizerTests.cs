using System.Text.Json;
using Splitwiser.Models.Tokenization;
using Splitwiser.Tests;

namespace Splitwiser.Models.Tests.Tokenization;

public sealed class DemoTokenizerTests
{
    private static readonly Tokenizer tokenizer = Tokenizer.Load(Path.Combine(Repository.DemoModel, "tokenizer.json"));
    private static readonly JsonElement golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.DemoModel, "golden.json"))).RootElement;

    [Fact]
    public void The_encode_cases_come_out_exactly()
    {
        foreach (var item in golden.GetProperty("encode").EnumerateArray())
        {
            var text = item.GetProperty("text").GetString()!;
            var ids = Ids(item.GetProperty("ids"));
            tokenizer.Encode(text, addSpecialTokens: false).ShouldBe(ids, text);
            tokenizer.Decode(ids, skipSpecialTokens: false).ShouldBe(text);
        }
    }

    [Fact]
    public void The_prompts_come_out_exactly_with_their_special_token()
    {
        foreach (var item in golden.GetProperty("prompts").EnumerateArray())
        {
            var ids = Ids(item.GetProperty("prompt_ids"));
            tokenizer.Encode(item.GetProperty("prompt").GetString()!).ShouldBe(ids);
            tokenizer.Decode(Ids(item.GetProperty("greedy_ids"))).ShouldBe(item.GetProperty("greedy_text").GetString());
        }
    }

    [Fact]
    public void Tokens_are_found_by_text_and_by_id()
    {
        tokenizer.VocabularySize.ShouldBe(4096);
        tokenizer.TryGetId("<|endoftext|>", out var end).ShouldBeTrue();
        end.ShouldBe(0);
        tokenizer.IsSpecial(end).ShouldBeTrue();
        tokenizer.TryGetId("Ġthe", out var the).ShouldBeTrue();
        tokenizer.TokenText(the).ShouldBe("Ġthe");
        tokenizer.TokenBytes(the).ShouldBe(" the"u8.ToArray());
        tokenizer.IsSpecial(the).ShouldBeFalse();
        tokenizer.TokenText(4096).ShouldBeNull();
        tokenizer.TokenBytes(4096).ShouldBeEmpty();
        tokenizer.TryGetId("no such token", out _).ShouldBeFalse();
    }

    private static int[] Ids(JsonElement array) => [.. array.EnumerateArray().Select(id => id.GetInt32())];
}
