using System.Text.Json.Nodes;

namespace Splitwiser.Tests;

/// <summary>
/// The sizes of a small llama-like model, and how to write it as a Hugging Face folder: config.json and a bf16
/// model.safetensors of random weights, the same for the same seed.
/// </summary>
internal sealed record TinyModel
{
    public string ModelType { get; init; } = "llama";
    public int Vocabulary { get; init; } = 64;
    public int Hidden { get; init; } = 32;
    public int Intermediate { get; init; } = 48;
    public int Layers { get; init; } = 2;
    public int Heads { get; init; } = 4;
    public int KvHeads { get; init; } = 2;
    public int HeadSize { get; init; } = 8;
    public int MaxPositions { get; init; } = 512;
    public int? SlidingWindow { get; init; }
    public bool Tied { get; init; }
    public int? EosTokenId { get; init; } = 2;
    public int Seed { get; init; } = 1;

    public TemporaryFolder Write()
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], Config().ToJsonString());
        StoredTensor.WriteAll(folder["model.safetensors"], Tensors());
        return folder;
    }

    public JsonObject Config() => new()
    {
        ["architectures"] = new JsonArray($"{char.ToUpperInvariant(ModelType[0])}{ModelType[1..]}ForCausalLM"),
        ["model_type"] = ModelType,
        ["dtype"] = "bfloat16",
        ["vocab_size"] = Vocabulary,
        ["hidden_size"] = Hidden,
        ["intermediate_size"] = Intermediate,
        ["num_hidden_layers"] = Layers,
        ["num_attention_heads"] = Heads,
        ["num_key_value_heads"] = KvHeads,
        ["head_dim"] = HeadSize,
        ["hidden_act"] = "silu",
        ["max_position_embeddings"] = MaxPositions,
        ["rms_norm_eps"] = 1e-6,
        ["rope_parameters"] = new JsonObject { ["rope_theta"] = 10000.0, ["rope_type"] = "default" },
        ["sliding_window"] = SlidingWindow,
        ["use_sliding_window"] = SlidingWindow is not null,
        ["max_window_layers"] = 0,
        ["tie_word_embeddings"] = Tied,
        ["bos_token_id"] = 1,
        ["eos_token_id"] = EosTokenId,
    };

    public IEnumerable<StoredTensor> Tensors()
    {
        var random = new Random(Seed);
        yield return Make("model.embed_tokens.weight", Vocabulary, Hidden);
        for (var layer = 0; layer < Layers; layer++)
        {
            foreach (var tensor in Layer($"model.layers.{layer}."))
                yield return tensor;
        }
        yield return Make("model.norm.weight", Hidden);
        if (!Tied)
            yield return Make("lm_head.weight", Vocabulary, Hidden);

        IEnumerable<StoredTensor> Layer(string prefix)
        {
            yield return Make(prefix + "input_layernorm.weight", Hidden);
            foreach (var (name, rows, columns) in new[]
            {
                ("self_attn.q_proj", Heads * HeadSize, Hidden), ("self_attn.k_proj", KvHeads * HeadSize, Hidden),
                ("self_attn.v_proj", KvHeads * HeadSize, Hidden), ("self_attn.o_proj", Hidden, Heads * HeadSize),
                ("mlp.gate_proj", Intermediate, Hidden), ("mlp.up_proj", Intermediate, Hidden), ("mlp.down_proj", Hidden, Intermediate),
            })
            {
                yield return Make($"{prefix}{name}.weight", rows, columns);
                if (ModelType == "qwen2" && name is ("self_attn.q_proj" or "self_attn.k_proj" or "self_attn.v_proj"))
                    yield return Make($"{prefix}{name}.bias", rows);
            }
            if (ModelType == "qwen3")
            {
                yield return Make(prefix + "self_attn.q_norm.weight", HeadSize);
                yield return Make(prefix + "self_attn.k_norm.weight", HeadSize);
            }
            yield return Make(prefix + "post_attention_layernorm.weight", Hidden);
        }

        StoredTensor Make(string name, params int[] shape)
        {
            var count = shape.Aggregate(1, (product, size) => product * size);
            var mean = name.EndsWith("norm.weight", StringComparison.Ordinal) ? 1 : 0;
            var bytes = new byte[2 * count];
            for (var i = 0; i < count; i++)
            {
                // Wider than a trained model's, so that the logits of a narrow one differ clearly between tokens.
                var value = mean + 0.6f * (random.NextSingle() - 0.5f);
                BitConverter.TryWriteBytes(bytes.AsSpan(2 * i), (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16));
            }
            return new StoredTensor(name, "BF16", [.. shape.Select(size => (long)size)], bytes);
        }
    }
}
