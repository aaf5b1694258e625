using System.Diagnostics;
using System.Reflection;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Cpu;

/// <summary>The logits' bits are part of the contract: a request that fails over to another machine goes on with the same tokens.</summary>
public sealed class MachineTests
{
    [Theory]
    [InlineData("llama", 11490141931859048555)]
    [InlineData("mistral-window", 1677194442661442987)]
    [InlineData("qwen3", 17696344040475170482)]
    public void Logits_have_the_bits_that_they_have_on_every_machine(string fixture, ulong expected)
    {
        using var rig = new CpuRig(Repository.Fixture(fixture));
        var sequence = rig.Start(Golden.Of(fixture)[^1].PromptIds);
        var hash = Hash(14695981039346656037, rig.Prefill(sequence));
        for (var step = 0; step < 8; step++) hash = Hash(hash, rig.Decode(sequence)[0]);
        hash.ShouldBe(expected);
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    public async Task Machines_with_narrower_registers_have_the_same_bits(string withoutInstructions)
    {
        var start = new ProcessStartInfo("dotnet", [Assembly.GetExecutingAssembly().Location, "--filter-method", $"*.{nameof(Logits_have_the_bits_that_they_have_on_every_machine)}"])
        {
            RedirectStandardOutput = true,
            Environment = { [withoutInstructions] = "0" },
        };
        using var tests = Process.Start(start)!;
        var output = await tests.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tests.WaitForExitAsync(TestContext.Current.CancellationToken);
        tests.ExitCode.ShouldBe(0, output);
    }

    /// <summary>FNV-1a over the bits.</summary>
    private static ulong Hash(ulong hash, float[] logits) =>
        logits.Aggregate(hash, (sum, logit) => (sum ^ BitConverter.SingleToUInt32Bits(logit)) * 1099511628211);
}
