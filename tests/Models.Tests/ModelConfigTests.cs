using System.Text.Json.Nodes;
using Splitwiser.Tests;

namespace Splitwiser.Models.Tests;

/// <summary>What config.json may say and how it reads; edits of a tiny model's config, as JSON.</summary>
public sealed class ModelConfigTests
{
    [Theory]
    [InlineData("""{"rope_parameters":null,"rope_theta":5000}""", 5000, null)]
    [InlineData("""{"rope_parameters":null}""", 10000, null)]
    [InlineData("""{"rope_parameters":{"rope_type":"default"},"rope_theta":7000.0}""", 7000, null)]
    [InlineData("""{"rope_parameters":{"rope_theta":1000000.0,"rope_type":"default"},"rope_theta":7000.0}""", 1000000, null)]
    [InlineData("""{"rope_parameters":{"rope_theta":500,"rope_type":"linear","factor":4}}""", 500, "Linear { Factor = 4 }")]
    [InlineData("""{"rope_parameters":null,"rope_theta":500,"rope_scaling":{"type":"linear","factor":2.5}}""", 500, "Linear { Factor = 2.5 }")]
    [InlineData("""{"rope_scaling":{"rope_type":"linear","factor":2},"rope_theta":9000}""", 9000, "Linear { Factor = 2 }")]
    [InlineData("""{"rope_scaling":{},"rope_theta":9000}""", 10000, null)]
    [InlineData("""{"rope_scaling":null,"rope_parameters":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":128}}""",
        10000, "Llama3 { Factor = 8, LowFrequencyFactor = 1, HighFrequencyFactor = 4, OriginalMaxPositions = 128 }")]
    [InlineData("""{"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4}}""",
        10000, "Llama3 { Factor = 8, LowFrequencyFactor = 1, HighFrequencyFactor = 4, OriginalMaxPositions = 512 }")]
    [InlineData("""{"rope_scaling":{"type":"dynamic","factor":2},"rope_theta":9000}""", 9000, null)] // the same up to max_position_embeddings
    [InlineData("""{"rope_parameters":null,"rope_scaling":{"type":"yarn","factor":4.0,"original_max_position_embeddings":4096},"rope_theta":10000}""",
        10000, "Yarn { Factor = 4, Low = 1, High = 3, AttentionFactor = 1.1386294, OriginalMaxPositions = 4096 }")]
    public void Both_spellings_of_rope_are_read(string edit, double theta, string? scaling)
    {
        var rope = Read(edit).Rope!;
        rope.Theta.ShouldBe(theta);
        rope.Scaling?.ToString().ShouldBe(scaling);
        (rope.Scaling is null).ShouldBe(scaling is null);
    }

    [Theory]
    [InlineData("llama", """{"head_dim":null,"num_key_value_heads":null}""", 8, 4)]
    [InlineData("qwen2", """{"head_dim":null,"hidden_size":64}""", 16, 2)]
    [InlineData("qwen3", """{"head_dim":null}""", 128, 2)]
    [InlineData("mistral", """{"num_key_value_heads":1}""", 8, 1)]
    public void Absent_head_sizes_follow_the_family(string modelType, string edit, int headSize, int kvHeads)
    {
        var config = Read(edit, modelType);
        config.HeadSize.ShouldBe(headSize);
        config.KvHeadCount.ShouldBe(kvHeads);
    }

    [Theory]
    [InlineData("llama", 2048, new[] { 2 }, 1)]
    [InlineData("mistral", 131072, new[] { 2 }, 1)]
    [InlineData("qwen2", 32768, new int[0], null)]
    [InlineData("qwen3", 32768, new int[0], null)]
    public void Absent_fields_have_the_familys_defaults(string modelType, int maxPositions, int[] eos, int? bos)
    {
        var config = Read("{}", modelType, "max_position_embeddings", "rms_norm_eps", "tie_word_embeddings", "hidden_act", "dtype", "eos_token_id",
            "bos_token_id", "rope_parameters");
        config.MaxPositions.ShouldBe(maxPositions);
        config.NormEpsilon.ShouldBe(1e-6f);
        config.TiedEmbeddings.ShouldBeFalse();
        config.EosTokenIds.ShouldBe(eos);
        config.BosTokenId.ShouldBe(bos);
        config.Rope.ShouldBe(new RopeConfig(10000));
    }

    [Theory]
    [InlineData("null", new int[0])]
    [InlineData("5", new[] { 5 })]
    [InlineData("[5, 7, 5]", new[] { 5, 7 })]
    [InlineData("[]", new int[0])]
    [InlineData("-1", new int[0])]
    [InlineData("[63, 64]", new[] { 63 })]
    public void End_tokens_are_an_id_a_list_or_none(string eos, int[] expected) =>
        Read($$"""{"eos_token_id":{{eos}}}""").EosTokenIds.ShouldBe(expected);

    [Theory]
    [InlineData("mistral", """{"sliding_window":16}""", "WW", 16)]
    [InlineData("mistral", """{"sliding_window":null}""", "..", null)]
    [InlineData("mistral", """{"sliding_window":16,"layer_types":["sliding_attention","sliding_attention"]}""", "WW", 16)]
    [InlineData("llama", """{"sliding_window":16}""", "..", null)]
    [InlineData("qwen2", """{"sliding_window":16,"use_sliding_window":false}""", "..", null)]
    [InlineData("qwen2", """{"sliding_window":16,"use_sliding_window":true,"max_window_layers":1}""", ".W", 16)]
    [InlineData("qwen3", """{"sliding_window":16,"use_sliding_window":true,"max_window_layers":2}""", "..", null)]
    [InlineData("qwen3", """{"sliding_window":16,"use_sliding_window":true,"max_window_layers":null}""", "..", null)]
    [InlineData("qwen3", """{"sliding_window":16,"use_sliding_window":true,"layer_types":["sliding_attention","full_attention"]}""", "W.", 16)]
    public void Windows_are_on_the_layers_that_the_family_gives_them(string modelType, string edit, string layers, int? window)
    {
        var config = Read(edit, modelType);
        config.SlidingWindow.ShouldBe(window);
        Enumerable.Range(0, 2).Select(config.WindowOf).ShouldBe(layers.Select(layer => layer == 'W' ? window : null));
    }

    [Fact]
    public void Mistral_without_the_field_has_a_window_of_4096() =>
        Read("{}", "mistral", "sliding_window").WindowOf(1).ShouldBe(4096);

    [Theory]
    [InlineData("llama", """{"attention_bias":true}""", true, true, false)]
    [InlineData("llama", """{"mlp_bias":true}""", false, false, true)]
    [InlineData("qwen3", """{"attention_bias":true}""", true, true, false)]
    [InlineData("qwen2", """{"attention_bias":false}""", true, false, false)]
    public void Biases_are_where_the_family_has_them(string modelType, string edit, bool qkv, bool output, bool mlp)
    {
        var config = Read(edit, modelType);
        (config.QkvBias, config.OutputBias, config.MlpBias).ShouldBe((qkv, output, mlp));
    }

    [Theory]
    [InlineData("""{"model_type":null}""")]
    [InlineData("""{"architectures":null}""")]
    [InlineData("""{"architectures":[]}""")]
    [InlineData("""{"torch_dtype":"float16","dtype":null}""")]
    [InlineData("""{"hidden_act":"swish"}""")]
    [InlineData("""{"quantization_config":null,"unheard_of":{"a":[1]}}""")]
    public void Harmless_variations_open(string edit) => Read(edit).Family.ShouldBe(ModelFamily.Llama);

    [Theory]
    [InlineData("""{"model_type":"mixtral"}""", "model_type", "mixtral")]
    [InlineData("""{"model_type":null,"architectures":null}""", "model_type", "neither it nor architectures")]
    [InlineData("""{"model_type":null,"architectures":["MixtralForCausalLM"]}""", "architectures", "MixtralForCausalLM")]
    [InlineData("""{"architectures":["LlamaForSequenceClassification"]}""", "architectures", "LlamaForSequenceClassification")]
    [InlineData("""{"architectures":["MistralForCausalLM"]}""", "architectures", "MistralForCausalLM")]
    [InlineData("""{"architectures":"LlamaForCausalLM"}""", "architectures", "\"LlamaForCausalLM\"")]
    [InlineData("""{"hidden_act":"quick_gelu"}""", "hidden_act", "quick_gelu")]
    [InlineData("""{"quantization_config":{"quant_method":"awq"}}""", "quantization_config", "one")]
    [InlineData("""{"dtype":"float8_e4m3fn"}""", "dtype", "float8_e4m3fn")]
    [InlineData("""{"torch_dtype":8}""", "torch_dtype", "8")]
    [InlineData("""{"rope_scaling":{"rope_type":"yarn","factor":"4"}}""", "rope_scaling.factor", "\"4\"")]
    [InlineData("""{"rope_theta":1,"rope_parameters":null,"rope_scaling":{"rope_type":"yarn","factor":4}}""", "rope_scaling.rope_theta", "1")]
    [InlineData("""{"rope_scaling":{"type":"dynamic"}}""", "rope_scaling.factor", "nothing")]
    [InlineData("""{"rope_scaling":{"type":"ntk","factor":4}}""", "rope_scaling.rope_type", "ntk")]
    [InlineData("""{"rope_parameters":{"rope_type":"longrope"}}""", "rope_parameters.rope_type", "longrope")]
    [InlineData("""{"rope_parameters":{"rope_type":"linear"}}""", "rope_parameters.factor", "nothing")]
    [InlineData("""{"rope_parameters":{"rope_type":"linear","factor":0}}""", "rope_parameters.factor", "0")]
    [InlineData("""{"rope_parameters":{"rope_theta":"big"}}""", "rope_parameters.rope_theta", "\"big\"")]
    [InlineData("""{"rope_parameters":{"full_attention":{"rope_theta":1e6}}}""", "rope_parameters.full_attention", "one for this layer type")]
    [InlineData("""{"rope_parameters":{"rope_type":"llama3","factor":8,"low_freq_factor":4,"high_freq_factor":4}}""", "rope_parameters.high_freq_factor", "4")]
    [InlineData("""{"rope_parameters":{"partial_rotary_factor":0.5}}""", "rope_parameters.partial_rotary_factor", "0.5")]
    [InlineData("""{"partial_rotary_factor":0.25}""", "partial_rotary_factor", "0.25")]
    [InlineData("""{"hidden_size":0}""", "hidden_size", "0")]
    [InlineData("""{"hidden_size":32.0}""", "hidden_size", "32.0")]
    [InlineData("""{"hidden_size":null}""", "hidden_size", "nothing")]
    [InlineData("""{"vocab_size":4294967296}""", "vocab_size", "4294967296")]
    [InlineData("""{"num_hidden_layers":1000000}""", "num_hidden_layers", "1000000")]
    [InlineData("""{"num_key_value_heads":3}""", "num_key_value_heads", "3")]
    [InlineData("""{"head_dim":7}""", "head_dim", "7")]
    [InlineData("""{"head_dim":null,"hidden_size":30}""", "num_attention_heads", "4")]
    [InlineData("""{"head_dim":16777216}""", "head_dim", "16777216")]
    [InlineData("""{"rms_norm_eps":-1}""", "rms_norm_eps", "-1")]
    [InlineData("""{"rms_norm_eps":1e999}""", "rms_norm_eps", "1e999")]
    [InlineData("""{"tie_word_embeddings":"yes"}""", "tie_word_embeddings", "\"yes\"")]
    [InlineData("""{"eos_token_id":["end"]}""", "eos_token_id", "\"end\"")]
    [InlineData("""{"layer_types":["full_attention"]}""", "layer_types", "1")]
    [InlineData("""{"layer_types":["full_attention","linear_attention"]}""", "layer_types", "linear_attention")]
    [InlineData("""{"layer_types":["full_attention","sliding_attention"]}""", "layer_types", "other entries")]
    public void What_is_not_supported_or_impossible_is_refused_by_name(string edit, string subject, string found) => Refusal(edit).ShouldBe((subject, found));

    [Theory]
    [InlineData("mistral", """{"attention_bias":true}""", "attention_bias", "true")]
    [InlineData("mistral", """{"sliding_window":0}""", "sliding_window", "0")]
    [InlineData("mistral", """{"sliding_window":16,"layer_types":["full_attention","sliding_attention"]}""", "layer_types", "other entries")]
    [InlineData("qwen2", """{"layer_types":["full_attention","sliding_attention"]}""", "layer_types", "sliding_attention")]
    public void A_family_refuses_what_only_others_have(string modelType, string edit, string subject, string found) =>
        Refusal(edit, modelType).ShouldBe((subject, found));

    [Theory]
    [InlineData("opt", """{"activation_function":"quick_gelu"}""", "activation_function", "quick_gelu")]
    [InlineData("opt", """{"num_attention_heads":5}""", "num_attention_heads", "5")]
    [InlineData("opt", """{"word_embed_proj_dim":0}""", "word_embed_proj_dim", "0")]
    [InlineData("opt", """{"quantization_config":{"bits":4}}""", "quantization_config", "one")]
    [InlineData("gpt2", """{"add_cross_attention":true}""", "add_cross_attention", "true")]
    [InlineData("gpt2", """{"n_embd":null}""", "n_embd", "nothing")]
    [InlineData("gpt2", """{"scale_attn_weights":1}""", "scale_attn_weights", "1")]
    [InlineData("gemma2", """{"use_bidirectional_attention":true}""", "use_bidirectional_attention", "true")]
    [InlineData("gemma2", """{"sliding_window":null}""", "sliding_window", "none")]
    [InlineData("gemma2", """{"query_pre_attn_scalar":0}""", "query_pre_attn_scalar", "0")]
    [InlineData("gemma2", """{"attn_logit_softcapping":-1}""", "attn_logit_softcapping", "-1")]
    [InlineData("phi3", """{"attention_bias":true}""", "attention_bias", "true")]
    [InlineData("phi3", """{"rope_scaling":{"type":"longrope","short_factor":[1],"long_factor":[1,1,1,1,1,1,1,1]}}""", "rope_scaling.short_factor", "a list of 1")]
    [InlineData("phi3", """{"rope_scaling":{"type":"longrope","short_factor":[1,1,1,1,1,1,1,0],"long_factor":[1,1,1,1,1,1,1,1]}}""", "rope_scaling.short_factor", "0")]
    [InlineData("phi3", """{"rope_scaling":{"type":"longrope","short_factor":[1,1,1,1,1,1,1,1]}}""", "rope_scaling.long_factor", "nothing")]
    [InlineData("phi3", """{"rope_scaling":{"type":"dynamic"}}""", "rope_scaling.rope_type", "dynamic")]
    [InlineData("phi3", """{"rope_parameters":{"partial_rotary_factor":0.2}}""", "rope_parameters.partial_rotary_factor", "0.2")]
    public void The_fixtures_families_refuse_what_they_can_t_compute(string fixture, string edit, string subject, string found)
    {
        using var folder = new TemporaryFolder();
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Fixture(fixture), "config.json")))!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(edit)!.AsObject()) config[name] = value?.DeepClone();
        File.WriteAllText(folder["config.json"], config.ToJsonString());
        var refusal = Should.Throw<ModelFormatException>(() => ModelFolder.Open(folder.Path));
        (refusal.Subject, refusal.Found).ShouldBe((subject, found));
    }

    private static (string Subject, string Found) Refusal(string edit, string modelType = "llama")
    {
        var refusal = Should.Throw<ModelFormatException>(() => Read(edit, modelType));
        Path.GetFileName(refusal.File).ShouldBe("config.json");
        return (refusal.Subject, refusal.Found);
    }

    /// <param name="edit">Fields that replace the tiny model's, as they are written: numbers keep their spelling.</param>
    private static ModelConfig Read(string edit, string modelType = "llama", params string[] absent)
    {
        var config = new TinyModel { ModelType = modelType }.Config();
        foreach (var name in absent)
            config.Remove(name);
        foreach (var (name, value) in JsonNode.Parse(edit)!.AsObject().ToList())
            config[name] = value?.DeepClone();
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], config.ToJsonString());
        return ModelFolder.Open(folder.Path).Config;
    }
}
