using System.Buffers.Binary;
using System.Text;
using Splitwiser.Tests;

namespace Splitwiser.Models.Tests;

/// <summary>Every way in which a *.safetensors file can lie about itself.</summary>
public sealed class SafetensorsTests
{
    private const string Good = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", "header")]                  // not closed
    [InlineData("""[1]""", "header")]
    [InlineData(""" {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "header")]                // must begin with {
    [InlineData("""{"a":1}""", "a")]
    [InlineData("""{"a":null}""", "a")]
    [InlineData("""{"a":{}}""", "a.dtype")]
    [InlineData("""{"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}""", "a.dtype")]
    [InlineData("""{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}""", "a.dtype")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,8]}}""", "a.shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", "a.shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "a.shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}""", "a.shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}""", "a.shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}}""", "a.shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}""", "a.shape")]       // 2^64 elements wrap to 0
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}""", "a.shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", "a.data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", "a.data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", "a.data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "a.data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", "a.data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,7]}}""", "a.data_offsets")]                    // too small for the shape
    [InlineData("""{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}}""", "a.data_offsets")]                    // too large for the shape
    [InlineData("""{"a":{"dtype":"F4","shape":[15],"data_offsets":[0,8]}}""", "a.data_offsets")]                    // half a byte
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "a.data_offsets")]                    // a gap before
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "file size")]                         // a gap behind
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "file size")]                        // past the end
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "b.data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "b.data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "header")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "header")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "header")]
    [InlineData("""{"a":{"dtype":"\ud800","shape":[2],"data_offsets":[0,8]}}""", "a.dtype")]
    [InlineData("", "header")]
    [InlineData("{}", "file size")]
    public void A_false_header_is_refused_by_the_field_that_is_false(string header, string subject) =>
        Refusal(StoredTensor.Frame(Encoding.UTF8.GetBytes(header), new byte[8])).Subject.ShouldBe(subject);

    [Theory]
    [InlineData(0ul)]
    [InlineData(100ul)]
    [InlineData(100_000_001ul)]
    [InlineData(1ul << 31)]
    [InlineData(1ul << 63)]
    [InlineData(ulong.MaxValue)]
    public void A_false_header_length_is_refused(ulong length)
    {
        var file = StoredTensor.Frame(Encoding.UTF8.GetBytes(Good), new byte[8]);
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        Refusal(file).Subject.ShouldStartWith("header");
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        var file = StoredTensor.Frame(Encoding.UTF8.GetBytes(Good), new byte[8]);
        for (var length = 0; length < file.Length; length++)
            Refusal(file[..length]).Found.ShouldNotBeEmpty($"{length} of {file.Length} bytes");
    }

    [Fact]
    public void A_name_that_is_not_utf8_is_refused()
    {
        var header = Encoding.UTF8.GetBytes(Good);
        header[2] = 0xFF;
        Refusal(StoredTensor.Frame(header, new byte[8])).Expected.ShouldBe("UTF-8 text");
    }

    [Fact]
    public void A_header_nested_a_million_deep_is_refused() =>
        Refusal(StoredTensor.Frame(Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 1_000_000)), [])).Subject.ShouldBe("header");

    [Fact]
    public void A_true_header_comes_to_the_first_tensor_that_the_model_misses()
    {
        var scalarsAndNothings = """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"none":{"dtype":"F32","shape":[5,0],"data_offsets":[8,8]},"one":{"dtype":"BOOL","shape":[],"data_offsets":[8,9]}}   """;
        Refusal(StoredTensor.Frame(Encoding.UTF8.GetBytes(scalarsAndNothings), new byte[9])).Subject.ShouldBe("model.embed_tokens.weight");
    }

    [Fact]
    public void A_folder_in_the_files_place_is_refused()
    {
        using var folder = new TinyModel().Write();
        File.Delete(folder["model.safetensors"]);
        File.WriteAllText(folder["model.safetensors.index.json"], """{"weight_map":{"a":"shards"}}""");
        Directory.CreateDirectory(folder["shards"]);
        var opened = ModelFolder.Open(folder.Path);
        Should.Throw<ModelFormatException>(() => opened.LoadWeights()).File.ShouldBe(folder["shards"]);
    }

    private static ModelFormatException Refusal(byte[] file)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], new TinyModel().Config().ToJsonString());
        File.WriteAllBytes(folder["model.safetensors"], file);
        var opened = ModelFolder.Open(folder.Path);
        var refusal = Should.Throw<ModelFormatException>(() => opened.LoadWeights());
        refusal.File.ShouldBe(folder["model.safetensors"]);
        return refusal;
    }
}
