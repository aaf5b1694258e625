using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Splitwiser.Gpu.Cuda;

namespace Splitwiser.Gpu.Tests;

/// <summary>Structs that cross into native code have the size that the other side expects.</summary>
public sealed class AbiTests
{
    [Fact]
    public void Structs_of_the_driver_and_cublasLt_have_their_documented_sizes()
    {
        Unsafe.SizeOf<LaunchConfig>().ShouldBe(56);
        Unsafe.SizeOf<LaunchAttribute>().ShouldBe(72);
        Unsafe.SizeOf<MatmulAlgorithm>().ShouldBe(64);
        Unsafe.SizeOf<MatmulHeuristic>().ShouldBe(96);
        Unsafe.SizeOf<DeviceResource>().ShouldBe(144);
        Marshal.OffsetOf<DeviceResource>(nameof(DeviceResource.SmCount)).ShouldBe(96);
    }

    [Fact]
    public void Records_of_a_step_have_the_kernels_sizes()
    {
        Unsafe.SizeOf<TokenSource>().ShouldBe(8);
        Unsafe.SizeOf<SegmentRecord>().ShouldBe(16);
        Unsafe.SizeOf<RowTile>().ShouldBe(8);
        Unsafe.SizeOf<DecodeRecord>().ShouldBe(12);
        Unsafe.SizeOf<StepHeader>().ShouldBe(24);
        Unsafe.SizeOf<SampleRecord>().ShouldBe(88);
        Unsafe.SizeOf<ProbeHeader>().ShouldBe(32);
        Unsafe.SizeOf<PoolRecord>().ShouldBe(8);
        Unsafe.SizeOf<ScoredRecord>().ShouldBe(8);
    }

    [Fact]
    public void Parameters_have_the_sizes_of_the_compiled_kernels()
    {
        var kernels = Card.Required.Kernels();
        kernels.Embedding.ParameterBytes.ShouldBe(Unsafe.SizeOf<EmbeddingParams>());
        kernels.RmsNorm.ParameterBytes.ShouldBe(Unsafe.SizeOf<RmsNormParams>());
        kernels.RopeAndPages.ParameterBytes.ShouldBe(Unsafe.SizeOf<RopeParams>());
        kernels.Activate.ParameterBytes.ShouldBe(Unsafe.SizeOf<ActivateParams>());
        kernels.LayerNorm.ParameterBytes.ShouldBe(Unsafe.SizeOf<LayerNormParams>());
        kernels.CapLogits.ParameterBytes.ShouldBe(Unsafe.SizeOf<CapLogitsParams>());
        kernels.PrefillAttention.ParameterBytes.ShouldBe(Unsafe.SizeOf<PrefillAttentionParams>());
        kernels.HopperAttention?.ParameterBytes.ShouldBe(Unsafe.SizeOf<HopperAttentionParams>());
        kernels.DecodeAttention.ParameterBytes.ShouldBe(Unsafe.SizeOf<DecodeAttentionParams>());
        kernels.DecodeCombine.ParameterBytes.ShouldBe(Unsafe.SizeOf<DecodeAttentionParams>());
        kernels.ScanLogits.ParameterBytes.ShouldBe(Unsafe.SizeOf<ScanParams>());
        kernels.Sample.ParameterBytes.ShouldBe(Unsafe.SizeOf<SampleParams>());
        kernels.PoolRows.ParameterBytes.ShouldBe(Unsafe.SizeOf<PoolParams>());
        kernels.ScorePrompt.ParameterBytes.ShouldBe(Unsafe.SizeOf<ScoreParams>());
        kernels.SkinnyGemm.ParameterBytes.ShouldBe(Unsafe.SizeOf<SkinnyGemmParams>());
        using var ids = new KernelCompiler(Card.Required.Device, KernelCompiler.DefaultCacheFolder).Load("SmIds.cu");
        ids.Kernel("sm_ids", Card.Required.Device).ParameterBytes.ShouldBe(Unsafe.SizeOf<SmIdsParams>());
        kernels.WholeStep?.ParameterBytes.ShouldBe(Unsafe.SizeOf<DecodeStepParams>());
    }

    [Theory]
    [InlineData(64), InlineData(128)]
    public void No_kernel_spills_registers(int headSize)
    {
        foreach (var kernel in Card.Required.Kernels(headSize).All)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{kernel.Name}: {kernel.Registers} registers, {kernel.LocalBytes} bytes of local memory");
            kernel.LocalBytes.ShouldBe(0, kernel.Name);
        }
    }
}
