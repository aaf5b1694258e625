using Splitwiser.Models.Tokenization;
using Splitwiser.Tests;

namespace Splitwiser.Models.Tests.Tokenization;

/// <summary>Folders whose tokenizer_config.json says what stands around a text, beside a tokenizer.json that says something else.</summary>
public sealed class ConfiguredFrameTests
{
    private static readonly string[] Tokens = ["<s>", "</s>", "<bos>", "a", "b"];

    [Theory]
    [InlineData("""{"tokenizer_class":"LlamaTokenizer"}""", "<s> a")]
    [InlineData("""{"tokenizer_class":"LlamaTokenizerFast","add_bos_token":true,"add_eos_token":true}""", "<s> a </s>")]
    [InlineData("""{"tokenizer_class":"LlamaTokenizer","add_bos_token":false}""", "a")]
    [InlineData("""{"tokenizer_class":"LlamaTokenizer","add_bos_token":null}""", "a")]
    [InlineData("""{"tokenizer_class":"LlamaTokenizer","bos_token":{"content":"<bos>"}}""", "<bos> a")]
    [InlineData("""{"tokenizer_class":"LlamaTokenizer","add_bos_token":false,"bos_token":null}""", "a")]
    [InlineData("""{"tokenizer_class":"GemmaTokenizerFast","add_eos_token":false}""", "<bos> a")]
    [InlineData("""{"tokenizer_class":"GPTNeoXTokenizer","bos_token":"<s>"}""", "a")]
    [InlineData("""{"tokenizer_class":"GPTNeoXTokenizer","bos_token":"<s>","add_bos_token":true}""", "<s> a")]
    [InlineData("""{"tokenizer_class":"PreTrainedTokenizerFast","add_bos_token":true,"bos_token":"<s>"}""", "a b")]
    [InlineData("""{"add_bos_token":true,"bos_token":"<s>"}""", "a b")]
    [InlineData(null, "a b")]
    public void Some_classes_put_their_own_tokens_around_a_text(string? config, string expected)
    {
        var tokenizer = Open(config)!;
        tokenizer.Encode("a").Select(id => tokenizer.TokenText(id)).ShouldBe(expected.Split(' '));
        tokenizer.Encode("a", addSpecialTokens: false).Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"tokenizer_class":"LlamaTokenizer","bos_token":null}""", "bos_token")]
    [InlineData("""{"tokenizer_class":"LlamaTokenizer","bos_token":"<begin>"}""", "$.model.vocab")]
    [InlineData("""{"tokenizer_class":"LlamaTokenizer","add_bos_token":"yes"}""", "add_bos_token")]
    public void A_token_that_can_not_be_added_is_named(string config, string subject) =>
        Should.Throw<ModelFormatException>(() => Open(config)).Subject.ShouldBe(subject);

    private static Tokenizer? Open(string? config)
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(Repository.Fixture("llama"), "config.json"), folder["config.json"]);
        var framed = """{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"b","type_id":0}}],"special_tokens":{"b":{"id":"b","ids":[4],"tokens":["b"]}}}""";
        File.WriteAllText(folder["tokenizer.json"], new SmallTokenizer { Vocabulary = SmallTokenizer.Numbered(Tokens), PostProcessor = framed }.Json);
        if (config is not null) File.WriteAllText(folder["tokenizer_config.json"], config);
        return ModelFolder.Open(folder.Path).Tokenizer;
    }
}
