using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using Splitwiser.Tests;

namespace Splitwiser.Models.Tests;

/// <summary>Damaged files of a model folder: it opens, or it is refused with a ModelFormatException; nothing else, and nothing large.</summary>
public sealed class MutationTests
{
    private const long MostAllocated = 64 << 20;    // bytes, for one folder of 50 KB or less

    private static readonly string[] Families = ["llama", "mistral", "qwen2", "qwen3"];

    [Theory]
    [InlineData("config.json")]
    [InlineData("generation_config.json")]
    [InlineData("model.safetensors")]
    [InlineData("model.safetensors.index.json")]
    public void A_thousand_damaged_files_open_or_are_refused(string file) => Run(file, seed: 1, cases: 1000);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData("config.json")]
    [InlineData("generation_config.json")]
    [InlineData("model.safetensors")]
    [InlineData("model.safetensors.index.json")]
    public void Thirty_thousand_damaged_files_open_or_are_refused(string file) => Run(file, seed: 2, cases: 30_000);

    private static void Run(string file, int seed, int cases)
    {
        var folders = Families.Select(family => Folder(family, sharded: file.EndsWith("index.json", StringComparison.Ordinal))).ToList();
        try
        {
            var originals = folders.Select(folder => File.ReadAllBytes(folder[file])).ToList();
            var opened = 0;
            for (var i = 0; i < cases; i++)
            {
                var random = new Random(seed * 1_000_003 + i);
                var folder = folders[i % folders.Count];
                File.WriteAllBytes(folder[file], Damaged(originals[i % folders.Count], file, random));
                opened += Opens(folder.Path, $"{file}, seed {seed}, case {i}") ? 1 : 0;
            }
            opened.ShouldBeInRange(cases / 100, cases * 9 / 10);     // else the damage is too great or too small to tell anything
        }
        finally
        {
            folders.ForEach(folder => folder.Dispose());
        }
    }

    private static bool Opens(string path, string which)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var folder = ModelFolder.Open(path);
            folder.Config.Rope!.InverseFrequencies(folder.Config.HeadSize).ShouldAllBe(frequency => float.IsFinite(frequency), which);
            folder.LoadWeights().Dispose();
            return true;
        }
        catch (ModelFormatException refusal)
        {
            refusal.File.ShouldStartWith(path, customMessage: which);
            return false;
        }
        catch (Exception e) when (e is not ShouldAssertException)
        {
            throw new InvalidOperationException($"{which} threw {e.GetType().Name}", e);
        }
        finally
        {
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(MostAllocated, which);
        }
    }

    private static byte[] Damaged(byte[] original, string file, Random random)
    {
        if (random.Next(4) == 0)
            return Mutation.OfBytes(original, random);
        if (file != "model.safetensors")
            return Mutation.OfJson(original, random);
        var start = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(original);
        if (random.Next(8) != 0)
            return StoredTensor.Frame(Mutation.OfJson(original.AsSpan(8, start - 8), random), original.AsSpan(start));
        var damaged = original.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(damaged, (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64));
        return damaged;
    }

    private static TemporaryFolder Folder(string family, bool sharded)
    {
        var model = new TinyModel { ModelType = family, Vocabulary = 40, Hidden = 16, Intermediate = 24, Layers = 2, Heads = 2, KvHeads = 1, SlidingWindow = 8 };
        var folder = model.Write();
        var config = model.Config();
        config["rope_parameters"] = JsonNode.Parse(
            """{"rope_theta":500000.0,"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":64}""");
        config["layer_types"] = JsonSerializer.SerializeToNode(Enumerable.Repeat(family == "llama" ? "full_attention" : "sliding_attention", 2));
        config["quantization_config"] = null;
        File.WriteAllText(folder["config.json"], config.ToJsonString());
        File.WriteAllText(folder["generation_config.json"],
            """{"bos_token_id":1,"eos_token_id":[2,3],"do_sample":true,"temperature":0.7,"top_k":20,"top_p":0.9,"min_p":0.01,"repetition_penalty":1.1}""");
        if (sharded)
        {
            File.Move(folder["model.safetensors"], folder["model-00001-of-00001.safetensors"]);
            File.WriteAllText(folder["model.safetensors.index.json"], JsonSerializer.Serialize(new
            {
                metadata = new { total_size = 1 },
                weight_map = model.Tensors().ToDictionary(tensor => tensor.Name, _ => "model-00001-of-00001.safetensors"),
            }));
        }
        return folder;
    }
}
