using System.Diagnostics;
using System.Reflection;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Cpu;

/// <summary>
/// The logits have the same bits on every machine: a request that fails over goes on with the same tokens. A kernel that adds in another
/// order changes them; then the numbers here are set anew.
/// </summary>
public sealed class MachineTests
{
    [Theory]
    [InlineData("llama", 3607324938339830258)]
    [InlineData("mistral-window", 7925885639386250633)]
    [InlineData("qwen3", 18091452591412917434)]
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
