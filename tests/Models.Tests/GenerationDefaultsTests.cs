using Splitwiser.Tests;

namespace Splitwiser.Models.Tests;

public sealed class GenerationDefaultsTests
{
    [Fact]
    public void The_sampling_fields_are_taken_and_no_others()
    {
        var defaults = Read("""{"do_sample":false,"temperature":0.6,"top_k":20,"top_p":0.95,"min_p":0.05,"repetition_penalty":1.05,"max_new_tokens":9}""");
        (defaults with { EosTokenIds = default }).ShouldBe(new GenerationDefaults
        {
            Temperature = 0.6f, TopK = 20, TopP = 0.95f, MinP = 0.05f, RepetitionPenalty = 1.05f, EosTokenIds = default,
        });
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("null")]
    public void No_top_k_is_written_in_three_ways(string topK) => Read($$"""{"top_k":{{topK}}}""").TopK.ShouldBeNull();

    [Fact]
    public void End_tokens_are_those_of_both_files()
    {
        Read("""{"eos_token_id":[7,2,9,64,-1]}""").EosTokenIds.ShouldBe([2, 7, 9]);
        Read("""{"eos_token_id":7}""").EosTokenIds.ShouldBe([2, 7]);
        Read("{}").EosTokenIds.ShouldBe([2]);
    }

    [Fact]
    public void Without_the_file_only_the_end_tokens_of_the_config_remain()
    {
        using var folder = new TinyModel().Write();
        var defaults = ModelFolder.Open(folder.Path).Defaults;
        defaults.EosTokenIds.ShouldBe([2]);
        (defaults with { EosTokenIds = default }).ShouldBe(new GenerationDefaults { EosTokenIds = default });
    }

    [Theory]
    [InlineData("""{"temperature":-0.1}""", "temperature")]
    [InlineData("""{"temperature":"hot"}""", "temperature")]
    [InlineData("""{"top_k":-2}""", "top_k")]
    [InlineData("""{"top_k":2.5}""", "top_k")]
    [InlineData("""{"top_p":1.1}""", "top_p")]
    [InlineData("""{"min_p":-1}""", "min_p")]
    [InlineData("""{"repetition_penalty":0}""", "repetition_penalty")]
    [InlineData("""{"eos_token_id":"</s>"}""", "eos_token_id")]
    [InlineData("""{"top_p":1,"top_p":1}""", "content")]
    [InlineData("""[]""", "content")]
    [InlineData("""{"top_p":NaN}""", "content")]
    public void Impossible_values_are_refused_by_name(string content, string subject)
    {
        var refusal = Should.Throw<ModelFormatException>(() => Read(content));
        Path.GetFileName(refusal.File).ShouldBe("generation_config.json");
        refusal.Subject.ShouldBe(subject);
    }

    private static GenerationDefaults Read(string content)
    {
        using var folder = new TinyModel().Write();
        File.WriteAllText(folder["generation_config.json"], content);
        return ModelFolder.Open(folder.Path).Defaults;
    }
}
