using System.Text.Json;
using System.Text.Json.Nodes;
using Splitwiser.Tests;

namespace Splitwiser.Models.Tests;

public sealed class CheckpointTests
{
    private const string Single = "model.safetensors";
    private const string Index = "model.safetensors.index.json";

    private static readonly TinyModel Model = new();

    [Fact]
    public void A_sharded_folder_has_the_same_weights_as_a_single_file()
    {
        using var single = Model.Write();
        using var sharded = Sharded();
        ShouldHoldTheSame(sharded, single);
    }

    [Fact]
    public void A_folders_path_may_end_in_a_separator()
    {
        using var sharded = Sharded();
        var folder = ModelFolder.Open(sharded.Path + Path.DirectorySeparatorChar);
        folder.Name.ShouldBe(Path.GetFileName(sharded.Path));
        folder.LoadWeights(ct: TestContext.Current.CancellationToken).Dispose();
    }

    [Fact]
    public void A_missing_shard_is_named()
    {
        using var folder = Sharded();
        File.Delete(folder["model-2.safetensors"]);
        Refusal(folder).File.ShouldBe(folder["model-2.safetensors"]);
    }

    [Fact]
    public void A_tensor_that_its_shard_lacks_is_named_with_the_shard()
    {
        using var folder = Sharded(map => (map["model.norm.weight"], map["lm_head.weight"]) = ("model-1.safetensors", "model-1.safetensors"));
        var refusal = Refusal(folder);
        refusal.File.ShouldBe(folder["model-1.safetensors"]);
        refusal.Subject.ShouldBe("model.norm.weight");
    }

    [Theory]
    [InlineData("../model.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a\0b")]
    public void A_shard_outside_the_folder_is_not_opened(string path)
    {
        using var folder = Sharded(map => map["model.norm.weight"] = path);
        var refusal = Refusal(folder);
        refusal.File.ShouldBe(folder[Index]);
        refusal.Subject.ShouldBe("weight_map.model.norm.weight");
    }

    [Fact]
    public void An_index_without_a_map_is_refused()
    {
        using var folder = Sharded();
        File.WriteAllText(folder[Index], """{"metadata":{"total_size":1}}""");
        Refusal(folder).Subject.ShouldBe("weight_map");
    }

    [Fact]
    public void A_folder_without_weights_says_so()
    {
        using var folder = Model.Write();
        File.Delete(folder[Single]);
        Refusal(folder).Expected.ShouldBe($"{Single} or {Index}");
    }

    [Fact]
    public void A_missing_tensor_is_named_with_its_shape()
    {
        using var folder = Rewritten(tensors => tensors.Where(tensor => tensor.Name != "model.layers.1.mlp.up_proj.weight"));
        var refusal = Refusal(folder);
        (refusal.File, refusal.Subject, refusal.Expected, refusal.Found)
            .ShouldBe((folder[Single], "model.layers.1.mlp.up_proj.weight", "a tensor of shape [48, 32]", "nothing"));
    }

    [Fact]
    public void A_wrong_shape_is_refused_with_both_shapes()
    {
        using var folder = Rewritten(tensors => tensors.Select(tensor => tensor with { Shape = [.. tensor.Shape.Reverse()] }));
        var refusal = Refusal(folder);
        (refusal.Subject, refusal.Expected, refusal.Found).ShouldBe(("model.embed_tokens.weight", "shape [64, 32]", "[32, 64]"));
    }

    [Fact]
    public void A_weight_of_integers_is_refused()
    {
        using var folder = Rewritten(tensors => tensors.Select(tensor => tensor.Name == "model.norm.weight" ? tensor with { Type = "U16" } : tensor));
        var refusal = Refusal(folder);
        (refusal.Subject, refusal.Expected, refusal.Found).ShouldBe(("model.norm.weight", "F32, F16 or BF16", "U16"));
    }

    [Fact]
    public void Tensors_that_the_model_does_not_use_are_ignored_whatever_their_type()
    {
        using var plain = Model.Write();
        using var folder = Rewritten(tensors => tensors
            .Append(new StoredTensor("model.layers.0.self_attn.rotary_emb.inv_freq", "F32", [4], new byte[16]))
            .Append(new StoredTensor("position_ids", "I64", [1, 2], new byte[16]))
            .Append(new StoredTensor("nibbles", "F4", [3, 2], new byte[3])));
        ShouldHoldTheSame(folder, plain);
    }

    [Theory]
    [InlineData("F32")]
    [InlineData("F16")]
    public void A_folder_of_another_float_type_keeps_that_type_and_its_values(string type)
    {
        using var plain = Model.Write();
        using var folder = Rewritten(tensors => tensors.Select(tensor => Converted(tensor, type)));
        using var weights = ModelFolder.Open(folder.Path).LoadWeights(ct: TestContext.Current.CancellationToken);
        weights.Tensors.ShouldAllBe(tensor => tensor.Type.ToString() == type);
        ShouldHoldTheSame(folder, plain, value => type == "F16" ? (float)(Half)value : value);
    }

    [Theory]
    [InlineData("BF16", 1)]
    [InlineData("F32", 1)]
    [InlineData("F32", 2)]
    public unsafe void Data_at_odd_addresses_are_copied_to_aligned_memory(string type, int skew)
    {
        using var plain = Model.Write();
        using var folder = Model.Write();
        StoredTensor.WriteAll(folder[Single], Model.Tensors().Select(tensor => Converted(tensor, type)), skew: skew);
        using var weights = ModelFolder.Open(folder.Path).LoadWeights(ct: TestContext.Current.CancellationToken);
        foreach (var tensor in weights.Tensors)
            ((nint)tensor.Data % tensor.Type.Size()).ShouldBe(0, tensor.Name);
        ShouldHoldTheSame(folder, plain);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Weights_that_are_only_mapped_are_those_that_are_read_through(int skew)
    {
        using var folder = Model.Write();
        StoredTensor.WriteAll(folder[Single], Model.Tensors(), skew: skew);
        using var mapped = ModelFolder.Open(folder.Path).MapWeights();
        using var read = ModelFolder.Open(folder.Path).LoadWeights(ct: TestContext.Current.CancellationToken);
        foreach (var (one, other) in mapped.Tensors.Zip(read.Tensors))
            Values(one).ShouldBe(Values(other), one.Name);

        static float[] Values(Tensor tensor)
        {
            var values = new float[tensor.ElementCount];
            tensor.CopyTo(values);
            return values;
        }
    }

    [Fact]
    public void A_tied_model_without_a_head_uses_the_embedding()
    {
        using var folder = (Model with { Tied = true }).Write();
        using var weights = ModelFolder.Open(folder.Path).LoadWeights(ct: TestContext.Current.CancellationToken);
        weights.Head.ShouldBeSameAs(weights.Embedding);
    }

    [Fact]
    public void A_head_in_the_checkpoint_counts_even_where_the_config_says_tied()
    {
        using var folder = Model.Write();
        File.WriteAllText(folder["config.json"], (Model with { Tied = true }).Config().ToJsonString());
        using var weights = ModelFolder.Open(folder.Path).LoadWeights(ct: TestContext.Current.CancellationToken);
        weights.Head.Name.ShouldBe("lm_head.weight");
    }

    [Fact]
    public void An_untied_model_without_a_head_is_refused()
    {
        using var folder = Rewritten(tensors => tensors.Where(tensor => tensor.Name != "lm_head.weight"));
        Refusal(folder).Subject.ShouldBe("lm_head.weight");
    }

    private static ModelFormatException Refusal(TemporaryFolder folder)
    {
        var opened = ModelFolder.Open(folder.Path);
        return Should.Throw<ModelFormatException>(() => opened.LoadWeights());
    }

    private static TemporaryFolder Rewritten(Func<IEnumerable<StoredTensor>, IEnumerable<StoredTensor>> change)
    {
        var folder = Model.Write();
        StoredTensor.WriteAll(folder[Single], change(Model.Tensors()));
        return folder;
    }

    /// <summary>The tiny model with its tensors dealt out to three files.</summary>
    private static TemporaryFolder Sharded(Action<JsonObject>? change = null)
    {
        var folder = Model.Write();
        File.Delete(folder[Single]);
        var map = new JsonObject();
        foreach (var shard in Model.Tensors().Select((tensor, i) => (tensor, File: $"model-{i % 3 + 1}.safetensors")).GroupBy(t => t.File, t => t.tensor))
        {
            StoredTensor.WriteAll(folder[shard.Key], shard);
            foreach (var tensor in shard)
                map[tensor.Name] = shard.Key;
        }
        change?.Invoke(map);
        File.WriteAllText(folder[Index], JsonSerializer.Serialize(new { metadata = new { total_size = 1 }, weight_map = map }));
        return folder;
    }

    private static StoredTensor Converted(StoredTensor tensor, string type)
    {
        var values = Enumerable.Range(0, tensor.Bytes.Length / 2).Select(i => BitConverter.UInt32BitsToSingle((uint)BitConverter.ToUInt16(tensor.Bytes, 2 * i) << 16));
        return type switch
        {
            "F32" => tensor with { Type = type, Bytes = [.. values.SelectMany(BitConverter.GetBytes)] },
            "F16" => tensor with { Type = type, Bytes = [.. values.SelectMany(value => BitConverter.GetBytes((Half)value))] },
            _ => tensor,
        };
    }

    private static void ShouldHoldTheSame(TemporaryFolder folder, TemporaryFolder original, Func<float, float>? rounded = null)
    {
        var (found, expected) = (Values(folder), Values(original));
        found.Keys.ShouldBe(expected.Keys);
        foreach (var (name, values) in expected)
            found[name].SequenceEqual(values.Select(value => rounded?.Invoke(value) ?? value)).ShouldBeTrue(name);
    }

    private static Dictionary<string, float[]> Values(TemporaryFolder folder)
    {
        using var weights = ModelFolder.Open(folder.Path).LoadWeights();
        return weights.Tensors.ToDictionary(tensor => tensor.Name, tensor =>
        {
            var values = new float[tensor.ElementCount];
            tensor.CopyTo(values);
            return values;
        });
    }
}
