using System.Text.Json;
using System.Text.Json.Nodes;
using Splitwiser.Models;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Cpu;

public sealed class WeightFormatTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("splitwiser-");

    [Fact]
    public void A_checkpoint_in_f32_gives_the_bits_of_the_same_numbers_in_bf16()
    {
        var golden = Golden.Of("qwen2")[^1];
        using var brain = new CpuRig(Repository.Fixture("qwen2"));
        using var single = new CpuRig(Convert("qwen2", "F32", value => BitConverter.GetBytes(value)));
        single.Prefill(single.Start(golden.PromptIds)).ShouldBe(brain.Prefill(brain.Start(golden.PromptIds)));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen2")]
    public void A_checkpoint_in_f16_gives_the_goldens(string fixture)
    {
        using var rig = new CpuRig(Convert(fixture, "F16", value => BitConverter.GetBytes((Half)value)));
        foreach (var golden in Golden.Of(fixture)) CpuRig.Distance(rig.Prefill(rig.Start(golden.PromptIds)), golden.LastLogits).ShouldBeLessThan(2e-3);
    }

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>A copy of a fixture whose bf16 checkpoint is rewritten in another type.</summary>
    private string Convert(string fixture, string type, Func<float, byte[]> write)
    {
        var source = Repository.Fixture(fixture);
        foreach (var name in new[] { "config.json", "generation_config.json" }) File.Copy(Path.Combine(source, name), Path.Combine(folder.FullName, name));
        var file = File.ReadAllBytes(Path.Combine(source, "model.safetensors"));
        var start = 8 + (int)BitConverter.ToUInt64(file);
        var header = JsonNode.Parse(file.AsSpan(8, start - 8))!.AsObject();
        using var data = new MemoryStream();
        foreach (var (name, tensor) in header)
        {
            if (name == "__metadata__") continue;
            var (from, to) = (start + (int)tensor!["data_offsets"]![0]!, start + (int)tensor["data_offsets"]![1]!);
            var begin = data.Length;
            for (var at = from; at < to; at += 2) data.Write(write(BitConverter.Int32BitsToSingle(BitConverter.ToUInt16(file, at) << 16)));
            tensor["dtype"] = type;
            tensor["data_offsets"] = new JsonArray(begin, data.Length);
        }
        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        using var output = File.Create(Path.Combine(folder.FullName, "model.safetensors"));
        output.Write(BitConverter.GetBytes((ulong)json.Length));
        output.Write(json);
        data.WriteTo(output);
        return folder.FullName;
    }
}
