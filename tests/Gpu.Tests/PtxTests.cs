using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Tests;

namespace Splitwiser.Gpu.Tests;

/// <summary>Every kernel compiles to PTX by clang alone, without local memory: a check for machines that have no CUDA.</summary>
public sealed partial class PtxTests
{
    private const string Compiler = "clang-19";

    public static TheoryData<string, string> Variants
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var file in Directory.EnumerateFiles(Folder, "*.cu").Order(StringComparer.Ordinal))
            {
                var source = File.ReadAllText(file);
                string[] defines = file.Contains("Hopper", StringComparison.Ordinal) ? ["-DHEAD_SIZE=64", "-DHEAD_SIZE=128"]
                    : source.Contains("HEAD_SIZE", StringComparison.Ordinal) ? ["-DHEAD_SIZE=16", "-DHEAD_SIZE=128"]
                    : source.Contains("BATCH_ROWS", StringComparison.Ordinal) ? ["-DBATCH_ROWS=8"] : ["-DPLAIN"];
                foreach (var define in defines) data.Add(Path.GetFileName(file), define);
            }
            return data;
        }
    }

    private static string Folder => Path.Combine(Repository.Root, "src", "Gpu", "Kernels");

    [Theory, MemberData(nameof(Variants))]
    public async Task A_kernel_compiles_without_local_memory(string file, string define)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, Compiler)))) Assert.Skip($"{Compiler} is not installed.");
        using var folder = new TemporaryFolder();
        string[] arguments =
        [
            "-x", "cuda", "--cuda-device-only", "-nocudainc", "-nocudalib", "--cuda-gpu-arch=sm_90a", "-Xclang", "-target-feature", "-Xclang", "+ptx85", "-std=c++17", "-O3", "-Wall", "-Werror",
            "-include", Path.Combine(Repository.Root, "tests", "kernels", "cuda_shim.h"), define, "-S", Path.Combine(Folder, file), "-o", folder["kernel.ptx"],
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
