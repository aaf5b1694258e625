using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Models;
using Splitwiser.Tests;

namespace Splitwiser.Gpu.Tests;

/// <summary>Every kernel compiles to PTX by clang alone, without local memory: a check for machines that have no CUDA.</summary>
public sealed partial class PtxTests
{
    private const string Compiler = "clang-19";

    /// <summary>Every kernel file with the sizes and kinds that it is compiled for.</summary>
    public static TheoryData<string, string> Variants
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var file in Directory.EnumerateFiles(Folder, "*.cu").Order(StringComparer.Ordinal))
                foreach (var defines in DefinesOf(Path.GetFileNameWithoutExtension(file))) data.Add(Path.GetFileName(file), defines);
            return data;
        }
    }

    private static string[] DefinesOf(string kernel) => kernel switch
    {
        "PrefillAttentionHopper" or "DecodeStep" => ["HEAD_SIZE=64", "HEAD_SIZE=128"],
        "PrefillAttention" or "DecodeAttention" => ["HEAD_SIZE=16 SOFTCAP=0", "HEAD_SIZE=80 SOFTCAP=0", "HEAD_SIZE=128 SOFTCAP=0", "HEAD_SIZE=128 SOFTCAP=1", "HEAD_SIZE=256 SOFTCAP=1"],
        "RopeAndPages" => ["HEAD_SIZE=16 ROTARY_SIZE=16", "HEAD_SIZE=128 ROTARY_SIZE=128", "HEAD_SIZE=128 ROTARY_SIZE=96", "HEAD_SIZE=80 ROTARY_SIZE=0"],
        "Activate" => [.. Enum.GetValues<Activation>().Select(function => $"FUNCTION={(int)function} GATED={(int)function % 2}")],
        "SkinnyGemm" => ["BATCH_ROWS=8"],
        _ => [""],
    };

    private static string Folder => Path.Combine(Repository.Root, "src", "Gpu", "Kernels");

    [Theory, MemberData(nameof(Variants))]
    public async Task A_kernel_compiles_without_local_memory(string file, string defines)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, Compiler)))) Assert.Skip($"{Compiler} is not installed.");
        using var folder = new TemporaryFolder();
        string[] arguments =
        [
            "-x", "cuda", "--cuda-device-only", "-nocudainc", "-nocudalib", "--cuda-gpu-arch=sm_90a", "-Xclang", "-target-feature", "-Xclang", "+ptx85", "-std=c++17", "-O3", "-Wall", "-Werror", "-Wno-pass-failed",
            "-include", Path.Combine(Repository.Root, "tests", "kernels", "cuda_shim.h"), .. defines.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(define => $"-D{define}"), "-S", Path.Combine(Folder, file), "-o", folder["kernel.ptx"],
        ];
        using var process = Process.Start(new ProcessStartInfo(Compiler, arguments) { RedirectStandardError = true })!;
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        errors.ShouldBeEmpty();
        process.ExitCode.ShouldBe(0);

        // This clang knows no __grid_constant__: it copies parameters whose address is taken, which is only the struct with the tensor map.
        var parameters = file.Contains("Hopper", StringComparison.Ordinal) ? Unsafe.SizeOf<HopperAttentionParams>() : 0;
        LocalBytes().Matches(await File.ReadAllTextAsync(folder["kernel.ptx"], TestContext.Current.CancellationToken)).Sum(depot => int.Parse(depot.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).ShouldBe(parameters);
    }

    [GeneratedRegex(@"\.local .*\[(\d+)\];")]
    private static partial Regex LocalBytes();
}
