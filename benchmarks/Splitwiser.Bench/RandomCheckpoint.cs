using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using Splitwiser.Models;

namespace Splitwiser.Bench;

/// <summary>Writes a model folder of random weights as a checkpoint is laid out: shards of at most 5 GB with an index, and the config.</summary>
internal static unsafe class RandomCheckpoint
{
    private const long ShardBytes = 5_000_000_000;
    private const int PieceBytes = 64 << 20;
    private const string Index = "model.safetensors.index.json";

    /// <summary>Does nothing for a folder that is complete.</summary>
    /// <returns>Bytes of the weights.</returns>
    public static long Write(string shape, string folder, CancellationToken ct)
    {
        if (File.Exists(Path.Combine(folder, Index))) return Directory.EnumerateFiles(folder, "*.safetensors").Sum(file => new FileInfo(file).Length);
        Directory.CreateDirectory(folder);
        using var weights = ModelFolder.Open(shape).RandomWeights(seed: 1, ct: ct);
        var shards = Cut(weights.Tensors);
        var names = shards.Select((_, i) => $"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors").ToArray();
        Parallel.For(0, shards.Count, i => WriteShard(Path.Combine(folder, names[i]), shards[i], ct));
        File.Copy(Path.Combine(shape, "config.json"), Path.Combine(folder, "config.json"), overwrite: true);
        var map = new JsonObject(shards.SelectMany((shard, i) => shard.Select(tensor => KeyValuePair.Create(tensor.Name, (JsonNode?)names[i]))));
        File.WriteAllText(Path.Combine(folder, Index), new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = weights.ByteCount }, ["weight_map"] = map }.ToJsonString());
        return weights.ByteCount;
    }

    private static List<List<Tensor>> Cut(IEnumerable<Tensor> tensors)
    {
        List<List<Tensor>> shards = [[]];
        var bytes = 0L;
        foreach (var tensor in tensors)
        {
            if (bytes + tensor.ByteCount > ShardBytes && shards[^1].Count > 0)
            {
                shards.Add([]);
                bytes = 0;
            }
            shards[^1].Add(tensor);
            bytes += tensor.ByteCount;
        }
        return shards;
    }

    private static void WriteShard(string path, List<Tensor> tensors, CancellationToken ct)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        var end = 0L;
        foreach (var tensor in tensors)
            header[tensor.Name] = new JsonObject
            {
                ["dtype"] = tensor.Type.ToString(),
                ["shape"] = new JsonArray([.. tensor.Shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(end, end += tensor.ByteCount),
            };
        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var padded = (json.Length + 7) / 8 * 8;
        var start = new byte[8 + padded];
        start.AsSpan().Fill((byte)' ');
        BinaryPrimitives.WriteUInt64LittleEndian(start, (ulong)padded);
        json.CopyTo(start, 8);
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, preallocationSize: start.Length + end);
        RandomAccess.Write(file, start, 0);
        var at = (long)start.Length;
        foreach (var tensor in tensors)
        {
            for (var piece = 0L; piece < tensor.ByteCount; piece += PieceBytes)
            {
                ct.ThrowIfCancellationRequested();
                RandomAccess.Write(file, new ReadOnlySpan<byte>(tensor.Data + piece, (int)Math.Min(PieceBytes, tensor.ByteCount - piece)), at + piece);
            }
            at += tensor.ByteCount;
        }
    }
}
