using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Splitwiser.Tests;

/// <summary>A tensor as a safetensors file holds it: type name, shape, bytes. Reads and writes such files without the product's code.</summary>
internal sealed record StoredTensor(string Name, string Type, long[] Shape, byte[] Bytes)
{
    public static StoredTensor[] ReadAll(string path)
    {
        var file = File.ReadAllBytes(path);
        var start = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        using var header = JsonDocument.Parse(file.AsMemory(8, start - 8));
        return [.. header.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__").Select(p =>
        {
            var offsets = p.Value.GetProperty("data_offsets").Deserialize<int[]>()!;
            return new StoredTensor(p.Name, p.Value.GetProperty("dtype").GetString()!, p.Value.GetProperty("shape").Deserialize<long[]>()!,
                file[(start + offsets[0])..(start + offsets[1])]);
        })];
    }

    /// <param name="alignment">The data begins at a multiple of it, plus <paramref name="skew"/>.</param>
    public static void WriteAll(string path, IEnumerable<StoredTensor> tensors, int alignment = 8, int skew = 0) =>
        File.WriteAllBytes(path, ToBytes(tensors, alignment, skew));

    public static byte[] ToBytes(IEnumerable<StoredTensor> tensors, int alignment = 8, int skew = 0)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        using var data = new MemoryStream();
        foreach (var tensor in tensors)
        {
            var start = data.Length;
            data.Write(tensor.Bytes);
            header[tensor.Name] = new JsonObject
            {
                ["dtype"] = tensor.Type,
                ["shape"] = JsonSerializer.SerializeToNode(tensor.Shape),
                ["data_offsets"] = new JsonArray(start, data.Length),
            };
        }
        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var padded = (json.Length + alignment - 1) / alignment * alignment + skew;
        return Frame([.. json, .. Enumerable.Repeat((byte)' ', padded - json.Length)], data.ToArray());
    }

    /// <summary>A file of that header, well-formed or not, and that data.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> header, ReadOnlySpan<byte> data)
    {
        var file = new byte[8 + header.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file.AsSpan(8));
        data.CopyTo(file.AsSpan(8 + header.Length));
        return file;
    }
}
