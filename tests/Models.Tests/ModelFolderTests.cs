using Splitwiser.Tests;

namespace Splitwiser.Models.Tests;

public sealed class ModelFolderTests
{
    private static readonly ModelConfig Tiny = new()
    {
        Family = ModelFamily.Llama,
        VocabularySize = 512,
        HiddenSize = 64,
        IntermediateSize = 160,
        LayerCount = 2,
        HeadCount = 4,
        KvHeadCount = 2,
        HeadSize = 16,
        MaxPositions = 256,
        NormEpsilon = 1e-6f,
        Rope = new RopeConfig(10000),
        BosTokenId = 1,
    };

    private static readonly ModelConfig Learned = Tiny with
    {
        KvHeadCount = 4, NormEpsilon = 1e-5f, Rope = null, NormKind = NormKind.Layer, GatedMlp = false, QkvBias = true, OutputBias = true, MlpBias = true, TiedEmbeddings = true,
    };

    public static TheoryData<string> Supported => ["llama", "llama3-rope", "mistral-window", "qwen2", "qwen3", "phi3", "gemma2", "gpt2", "opt", "demo"];

    [Theory]
    [MemberData(nameof(Supported))]
    public void Every_supported_folder_opens_with_the_configuration_that_it_states(string name)
    {
        var folder = Open(name);
        var expected = name switch
        {
            "llama" => Tiny with { NormEpsilon = 1e-5f },
            "llama3-rope" => Tiny with { Rope = new RopeConfig(500000, new RopeScaling.Llama3(8, 1, 4, 64)) },
            "mistral-window" => Tiny with { Family = ModelFamily.Mistral, SlidingWindow = 16 },
            "qwen2" => Tiny with { Family = ModelFamily.Qwen2, QkvBias = true, TiedEmbeddings = true },
            "qwen3" => Tiny with { Family = ModelFamily.Qwen3, QkNorm = true, HeadSize = 32 },
            "phi3" => Tiny with { Family = ModelFamily.Phi3, NormEpsilon = 1e-5f },
            "gemma2" => Tiny with
            {
                Family = ModelFamily.Gemma2, NormPlacement = NormPlacement.Around, NormOffset = 1, Activation = Activation.GeluTanh, EmbeddingScale = 8,
                AttentionScale = 0.25f, AttentionSoftcap = 50, LogitSoftcap = 30, SlidingWindow = 32, TiedEmbeddings = true,
            },
            "gpt2" => Learned with { Family = ModelFamily.Gpt2, IntermediateSize = 256, Activation = Activation.GeluTanh },
            "opt" => Learned with { Family = ModelFamily.Opt, Activation = Activation.Relu, PositionOffset = 2 },
            _ => Tiny with
            {
                VocabularySize = 4096, HiddenSize = 256, IntermediateSize = 704, LayerCount = 8, HeadSize = 64, MaxPositions = 2048,
                TiedEmbeddings = true, BosTokenId = 0,
            },
        };
        int[] eos = [name == "demo" ? 0 : 2];
        // Records compare immutable arrays by reference, so these two are held apart.
        (folder.Config with { EosTokenIds = default, WindowedLayers = default }).ShouldBe(expected with { EosTokenIds = default, WindowedLayers = default });
        folder.Config.EosTokenIds.ShouldBe(eos);
        folder.Defaults.EosTokenIds.ShouldBe(eos);
        Enumerable.Range(0, folder.Config.LayerCount).Select(folder.Config.WindowOf).ShouldBe(
            Enumerable.Range(0, folder.Config.LayerCount).Select(layer => name == "gemma2" && layer % 2 != 0 ? null : expected.SlidingWindow));
        folder.Name.ShouldBe(name);
        folder.Defaults.Temperature.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Supported))]
    public void Every_tensor_is_the_checkpoints_own_bytes(string name)
    {
        var folder = Open(name);
        var stored = StoredTensor.ReadAll(Path.Combine(folder.Path, "model.safetensors")).ToDictionary(tensor => tensor.Name);
        using var weights = folder.LoadWeights(ct: TestContext.Current.CancellationToken);
        var tensors = weights.Tensors.ToList();
        // A fused matrix is taken in parts, one behind the other.
        var whole = tensors.GroupBy(tensor => tensor.Name.Split('[')[0]).ToDictionary(parts => parts.Key, parts => parts.ToArray());
        whole.Keys.ShouldBe(stored.Keys, ignoreOrder: true);
        foreach (var (found, parts) in whole)
        {
            var (shape, bytes) = (stored[found].Shape, stored[found].Bytes);
            if (folder.Config.Family == ModelFamily.Gpt2 && shape.Length == 2 && found.Contains(".h.", StringComparison.Ordinal))
                (shape, bytes) = ([shape[1], shape[0]], Transposed(bytes, (int)shape[0], (int)shape[1]));
            parts.Sum(part => (long)part.Shape[0]).ShouldBe(shape[0], found);
            parts[0].Shape.Skip(1).Select(size => (long)size).ShouldBe(shape.Skip(1), found);
            parts.SelectMany(BytesOf).SequenceEqual(bytes).ShouldBeTrue(found);
        }
        ReferenceEquals(weights.Head, weights.Embedding).ShouldBe(folder.Config.TiedEmbeddings);
        weights.ByteCount.ShouldBe(stored.Values.Sum(tensor => (long)tensor.Bytes.Length));
    }

    private static byte[] Transposed(byte[] bytes, int rows, int columns) =>
        [.. Enumerable.Range(0, rows * columns).SelectMany(i => bytes.Skip(2 * (i % rows * columns + i / rows)).Take(2))];

    [Fact]
    public void Tensors_have_the_places_that_their_names_say()
    {
        using var weights = Open("qwen3").LoadWeights(ct: TestContext.Current.CancellationToken);
        var layer = weights.Layers[1];
        weights.Embedding.Name.ShouldBe("model.embed_tokens.weight");
        weights.FinalNorm!.Value.Weight!.Name.ShouldBe("model.norm.weight");
        weights.Head.Name.ShouldBe("lm_head.weight");
        new[]
        {
            layer.AttentionNorm.Weight!, layer.Query.Weight, layer.Key.Weight, layer.Value.Weight, layer.Output.Weight, layer.QueryNorm!, layer.KeyNorm!,
            layer.MlpNorm.Weight!, layer.Gate!.Value.Weight, layer.Up.Weight, layer.Down.Weight,
        }.Select(tensor => tensor.Name).ShouldBe(new[]
        {
            "input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "self_attn.q_norm", "self_attn.k_norm",
            "post_attention_layernorm", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj",
        }.Select(name => $"model.layers.1.{name}.weight"));
    }

    [Fact]
    public void Qwen2_has_biases_on_query_key_and_value_only()
    {
        using var weights = Open("qwen2").LoadWeights(ct: TestContext.Current.CancellationToken);
        var layer = weights.Layers[0];
        new[] { layer.Query, layer.Key, layer.Value }.Select(linear => linear.Bias?.Name)
            .ShouldBe(new[] { "q", "k", "v" }.Select(name => $"model.layers.0.self_attn.{name}_proj.bias"));
        new[] { layer.Output, layer.Gate!.Value, layer.Up, layer.Down }.ShouldAllBe(linear => linear.Bias == null);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_refused()
    {
        using var folder = new TemporaryFolder();
        Should.Throw<ModelFormatException>(() => ModelFolder.Open(folder["none"])).File.ShouldBe(folder["none"]);
        Should.Throw<ModelFormatException>(() => ModelFolder.Open(folder.Path)).File.ShouldBe(folder["config.json"]);
    }

    [Fact]
    public void A_folder_has_a_tokenizer_when_it_has_the_file()
    {
        Open("demo").Tokenizer.ShouldNotBeNull().VocabularySize.ShouldBe(4096);
        Open("llama").Tokenizer.ShouldBeNull();
    }

    [Fact]
    public void A_broken_tokenizer_shows_when_the_folder_is_opened()
    {
        using var folder = new TinyModel().Write();
        File.WriteAllText(folder["tokenizer.json"], "{}");
        Should.Throw<ModelFormatException>(() => ModelFolder.Open(folder.Path)).File.ShouldBe(folder["tokenizer.json"]);
    }

    private static ModelFolder Open(string name) => ModelFolder.Open(name == "demo" ? Repository.DemoModel : Repository.Fixture(name));

    private static unsafe byte[] BytesOf(Tensor tensor) => new ReadOnlySpan<byte>(tensor.Data, (int)tensor.ByteCount).ToArray();
}
