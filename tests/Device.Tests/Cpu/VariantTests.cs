using System.Text.Json.Nodes;
using Splitwiser.Models;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Cpu;

/// <summary>Settings of the families that no fixture has: the CPU runner against the formulas, on random weights.</summary>
public sealed class VariantTests
{
    private const string Opt = """{"model_type":"opt","hidden_size":48,"ffn_dim":80,"num_hidden_layers":2,"num_attention_heads":4,"max_position_embeddings":128}""";
    private const string Gpt2 = """{"model_type":"gpt2","n_embd":40,"n_layer":3,"n_head":4,"n_positions":128}""";
    private const string LlamaLike = """{"hidden_size":64,"intermediate_size":80,"num_hidden_layers":3,"num_attention_heads":4,"num_key_value_heads":2,"max_position_embeddings":160}""";
    private const int Vocabulary = 96;

    /// <summary>The family, and what its small config says else.</summary>
    public static TheoryData<string, string> Variants => new()
    {
        { "opt", """{}""" },
        { "opt", """{"do_layer_norm_before":false,"word_embed_proj_dim":32}""" },
        { "opt", """{"word_embed_proj_dim":64,"activation_function":"gelu"}""" },
        { "opt", """{"enable_bias":false,"layer_norm_elementwise_affine":false,"tie_word_embeddings":false}""" },
        { "opt", """{"_remove_final_layer_norm":true,"activation_function":"gelu_new"}""" },
        { "gpt2", """{}""" },
        { "gpt2", """{"n_inner":100,"activation_function":"relu","scale_attn_by_inverse_layer_idx":true}""" },
        { "gpt2", """{"scale_attn_weights":false,"activation_function":"silu","layer_norm_epsilon":0.01}""" },
        { "phi3", """{"sliding_window":9,"tie_word_embeddings":true}""" },
        { "phi3", """{"original_max_position_embeddings":40,"rope_scaling":{"type":"longrope","short_factor":[1,1.1,1.2,1.4],"long_factor":[1,2.5,6,9]},"partial_rotary_factor":0.5}""" },
        { "phi3", """{"original_max_position_embeddings":40,"rope_parameters":{"rope_type":"longrope","short_factor":[1,1.1,1.2,1.4],"long_factor":[1,2.5,6,9],"rope_theta":500,"partial_rotary_factor":0.5,"attention_factor":1.5}}""" },
        { "phi3", """{"rope_theta":300,"partial_rotary_factor":0.75,"hidden_act":"gelu"}""" },
        { "gemma2", """{"head_dim":12,"query_pre_attn_scalar":20,"sliding_window":9,"attn_logit_softcapping":0.5,"final_logit_softcapping":2}""" },
        { "gemma2", """{"head_dim":20,"attn_logit_softcapping":null,"final_logit_softcapping":null,"attention_bias":true,"layer_types":["full_attention","sliding_attention","full_attention"],"sliding_window":17}""" },
        { "llama", """{"hidden_act":"relu","attention_bias":true,"mlp_bias":true}""" },
        { "qwen3", """{"head_dim":16,"attention_bias":true}""" },
    };

    [Theory, MemberData(nameof(Variants))]
    public void A_variant_computes_its_formulas(string modelType, string edit)
    {
        var weights = Weights(modelType, edit);
        var naive = new NaiveModel(weights);
        using var rig = new CpuRig(weights);
        foreach (var length in new[] { 1, 30, 61 })
        {
            var sequence = rig.Start([.. Enumerable.Range(0, length).Select(i => i * 37 % Vocabulary)]);
            CpuRig.Distance(rig.Prefill(sequence, chunk: 17), naive.Logits(sequence.Tokens[..length])).ShouldBeLessThan(1e-4, $"{length} tokens");
            for (var step = 0; step < 3; step++) CpuRig.Distance(rig.Decode(sequence)[0], naive.Logits(sequence.Tokens[..(length + 1 + step)])).ShouldBeLessThan(1e-4, $"{length} tokens, step {step}");
        }
    }

    [Theory]
    [InlineData("gpt2", "transformer.", "")]
    [InlineData("opt", "model.decoder.", "decoder.")]
    public void Checkpoints_of_base_models_have_names_without_the_heads_prefix(string fixture, string prefix, string other)
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(Repository.Fixture(fixture), "config.json"), folder["config.json"]);
        StoredTensor.WriteAll(folder["model.safetensors"], StoredTensor.ReadAll(Path.Combine(Repository.Fixture(fixture), "model.safetensors"))
            .Select(tensor => tensor with { Name = tensor.Name.Replace(prefix, other, StringComparison.Ordinal) }));
        using var rig = new CpuRig(folder.Path);
        var golden = Golden.Of(fixture)[^1];
        CpuRig.Distance(rig.Prefill(rig.Start(golden.PromptIds)), golden.LastLogits).ShouldBeLessThan(2e-3);
    }

    /// <summary>Random weights of a variant.</summary>
    internal static DecoderWeights Weights(string modelType, string edit)
    {
        var config = JsonNode.Parse(modelType switch { "opt" => Opt, "gpt2" => Gpt2, _ => LlamaLike })!.AsObject();
        (config["model_type"], config["vocab_size"]) = (modelType, Vocabulary);
        foreach (var (name, value) in JsonNode.Parse(edit)!.AsObject()) config[name] = value?.DeepClone();
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], config.ToJsonString());
        var weights = ModelFolder.Open(folder.Path).RandomWeights(seed: 3, ct: TestContext.Current.CancellationToken);
        Widen(weights);
        return weights;
    }

    /// <summary>Matrices eightfold: then attention, caps and positions matter to the logits.</summary>
    private static unsafe void Widen(DecoderWeights weights)
    {
        foreach (var tensor in weights.Tensors.Where(tensor => tensor.Shape.Length == 2))
            for (var i = 0L; i < tensor.ElementCount; i++)
            {
                var element = (ushort*)tensor.Data + i;
                if ((*element & 0x7F80) != 0) *element += 3 << 7;
            }
    }
}
