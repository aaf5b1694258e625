using System.Collections.Frozen;
using System.Text.Json;

namespace Splitwiser.Models.Checkpoints;

/// <summary>What a safetensors header says of one tensor.</summary>
/// <param name="Type">The format's own name: F32, BF16, I64, ...</param>
/// <param name="Start">First byte, counted from the end of the header.</param>
/// <param name="End">One past the last byte.</param>
internal sealed record SafetensorsEntry(string Type, long[] Shape, long Start, long End)
{
    /// <summary>Bits of one element of every type of the format; tensors that a model doesn't use may have any of them.</summary>
    private static readonly FrozenDictionary<string, int> Bits = new Dictionary<string, int>
    {
        ["F4"] = 4, ["F6_E2M3"] = 6, ["F6_E3M2"] = 6,
        ["BOOL"] = 8, ["U8"] = 8, ["I8"] = 8, ["F8_E5M2"] = 8, ["F8_E4M3"] = 8, ["F8_E8M0"] = 8,
        ["U16"] = 16, ["I16"] = 16, ["F16"] = 16, ["BF16"] = 16,
        ["U32"] = 32, ["I32"] = 32, ["F32"] = 32,
        ["U64"] = 64, ["I64"] = 64, ["F64"] = 64, ["C64"] = 64,
    }.ToFrozenDictionary();

    /// <summary>All tensors of a header, which must cover the file's data exactly.</summary>
    public static Dictionary<string, SafetensorsEntry> ReadAll(JsonFields header, long dataBytes)
    {
        var entries = new Dictionary<string, SafetensorsEntry>();
        foreach (var (name, value) in header.All())
        {
            if (name != "__metadata__")
                entries.Add(name, Read(header.Object(name, value)));
        }
        var end = 0L;
        foreach (var (name, entry) in entries.OrderBy(e => e.Value.Start).ThenBy(e => e.Value.End))
        {
            if (entry.Start != end)
                throw header.Wrong($"{name}.data_offsets", $"to begin at {end}, where the data before it ends", $"{entry.Start}");
            end = entry.End;
        }
        return end == dataBytes ? entries : throw header.Wrong("file size", $"{end} bytes of data, as the header says", $"{dataBytes}");
    }

    private static SafetensorsEntry Read(JsonFields fields)
    {
        var type = fields.FindText("dtype") ?? throw fields.Wrong("dtype", "a type's name", "nothing");
        if (!Bits.TryGetValue(type, out var bits))
            throw fields.Wrong("dtype", string.Join(", ", Bits.Keys), type);
        var shape = fields.Longs("shape");
        var offsets = fields.Longs("data_offsets");
        if (offsets is not [var start, var end] || start > end)
            throw fields.Wrong("data_offsets", "[begin, end]", $"[{string.Join(", ", offsets)}]");
        var size = (UInt128)(uint)bits;
        foreach (var dimension in shape)
        {
            size *= (ulong)dimension;
            if (size > long.MaxValue)
                throw fields.Wrong("shape", "fewer than 2^63 bits", $"[{string.Join(", ", shape)}]");
        }
        return size == 8 * (UInt128)(ulong)(end - start)
            ? new SafetensorsEntry(type, shape, start, end)
            : throw fields.Wrong("data_offsets", $"{size / 8} bytes for {type} [{string.Join(", ", shape)}]", $"{end - start}");
    }
}
