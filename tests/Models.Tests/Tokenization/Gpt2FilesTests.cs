using System.Text.Json;
using Splitwiser.Models.Tokenization;
using Splitwiser.Tests;

namespace Splitwiser.Models.Tests.Tokenization;

/// <summary>Folders that have GPT-2's vocab.json and merges.txt in place of a tokenizer.json, as OPT's do.</summary>
public sealed class Gpt2FilesTests
{
    private static readonly string[] Tokens = ["<s>", "<pad>", "</s>", "<unk>", "h", "e", "l", "o", "Ġ", "!", "he", "ll", "hell", "hello", "Ġhello", "<|endoftext|>", "Ã", "©"];
    private const string Merges = "#version: 0.2\nh e\nl l\nhe ll\nhell o\nĠ hello\n";

    [Fact]
    public void Text_becomes_the_tokens_that_the_merges_make()
    {
        var tokenizer = Open("gpt2", null)!;
        tokenizer.Encode("hello hello!").ShouldBe(Ids("hello", "Ġhello", "!"));
        tokenizer.Encode("helo é").ShouldBe(Ids("he", "l", "o", "Ġ", "Ã", "©"));
        tokenizer.Encode("hello<|endoftext|>hello").ShouldBe(Ids("hello", "<|endoftext|>", "hello"));
        tokenizer.Decode(Ids("hello", "Ġhello", "Ġ", "Ã", "©")).ShouldBe("hello hello é");
    }

    [Theory]
    [InlineData("""{"add_bos_token":true,"bos_token":{"content":"</s>","__type":"AddedToken"},"eos_token":"</s>","pad_token":"<pad>","tokenizer_class":"GPT2Tokenizer"}""", "</s>")]
    [InlineData("""{"add_bos_token":true,"bos_token":"<s>","added_tokens_decoder":{"0":{"content":"<s>","special":true}}}""", "<s>")]
    public void Opt_begins_with_its_bos_token(string config, string bos)
    {
        var tokenizer = Open("opt", config)!;
        tokenizer.Encode("hello").ShouldBe(Ids(bos, "hello"));
        tokenizer.Encode("hello", addSpecialTokens: false).ShouldBe(Ids("hello"));
        tokenizer.Encode($"{bos}hello", addSpecialTokens: false).ShouldBe(Ids(bos, "hello"));
    }

    [Fact]
    public void A_prefix_space_and_special_tokens_of_the_map_are_read()
    {
        var tokenizer = Open("gpt2", """{"add_prefix_space":true}""", """{"pad_token":"<pad>","bos_token":null}""")!;
        tokenizer.Encode("hello<pad>").ShouldBe(Ids("Ġhello", "<pad>"));
    }

    [Theory]
    [InlineData("gpt2", """{"tokenizer_class":"RobertaTokenizer"}""")]
    [InlineData("llama", null)]
    public void Another_kind_of_tokenizer_is_left_alone(string fixture, string? config) => Open(fixture, config).ShouldBeNull();

    [Theory]
    [InlineData("h e l\n", "merges")]
    [InlineData("he\n", "merges")]
    public void Broken_merges_are_named(string merges, string subject)
    {
        var refusal = Should.Throw<ModelFormatException>(() => Open("gpt2", null, merges: merges));
        (Path.GetFileName(refusal.File), refusal.Subject).ShouldBe(("merges.txt", subject));
    }

    [Fact]
    public void A_bos_token_that_the_vocabulary_lacks_is_named() =>
        Should.Throw<ModelFormatException>(() => Open("opt", """{"add_bos_token":true,"bos_token":"<begin>"}""")).Subject.ShouldBe("<begin>");

    private static int[] Ids(params string[] tokens) => [.. tokens.Select(token => Array.IndexOf(Tokens, token))];

    private static Tokenizer? Open(string fixture, string? config, string? map = null, string merges = Merges)
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(Repository.Fixture(fixture), "config.json"), folder["config.json"]);
        File.WriteAllText(folder["vocab.json"], JsonSerializer.Serialize(Tokens.Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id)));
        File.WriteAllText(folder["merges.txt"], merges);
        if (config is not null) File.WriteAllText(folder["tokenizer_config.json"], config);
        if (map is not null) File.WriteAllText(folder["special_tokens_map.json"], map);
        return ModelFolder.Open(folder.Path).Tokenizer;
    }
}
