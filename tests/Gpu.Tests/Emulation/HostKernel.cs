using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Tests;

namespace Splitwiser.Gpu.Tests.Emulation;

/// <summary>A kernel of src/Gpu/Kernels, compiled by clang for the CPU over tests/kernels/host_shim.h and run there thread by thread.</summary>
internal sealed unsafe partial class HostKernel
{
    /// <summary>Orders of threads that every case runs in: as numbered, backwards, and two that are shuffled anew at every meeting point.</summary>
    public const int Orders = 4;

    private const string Compiler = "clang++-19";

    private static readonly ConcurrentDictionary<string, Lazy<nint>> Compiled = [];

    private readonly delegate* unmanaged<void*, int*, int, int, byte*> run;

    private HostKernel(nint function) => run = (delegate* unmanaged<void*, int*, int, int, byte*>)function;

    private static string Kernels => Path.Combine(Repository.Root, "src", "Gpu", "Kernels");

    /// <summary>Skips the test where there is no compiler.</summary>
    /// <param name="file">"RmsNorm.cu".</param>
    /// <param name="entry">"rms_norm".</param>
    /// <param name="defines">"HEAD_SIZE=64 SOFTCAP=0".</param>
    /// <param name="plant">An error to plant: a change of the source.</param>
    public static HostKernel Of(string file, string entry, string defines = "", (string Old, string New)? plant = null)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, Compiler)))) Assert.Skip($"{Compiler} is not installed.");
        var library = Compiled.GetOrAdd($"{file} {defines} {plant}", _ => new Lazy<nint>(() => Compile(file, defines, plant))).Value;
        return new HostKernel(NativeLibrary.GetExport(library, $"emulate_{entry}"));
    }

    /// <summary>Runs the whole grid.</summary>
    /// <returns>Null, or what the emulation found wrong.</returns>
    public string? Run<T>(Grid grid, int threads, in T parameters, int order) where T : unmanaged
    {
        var size = stackalloc int[] { grid.X, grid.Y, grid.Z };
        fixed (T* pointer = &parameters) return Marshal.PtrToStringUTF8((nint)run(pointer, size, threads, order));
    }

    private static nint Compile(string file, string defines, (string Old, string New)? plant)
    {
        using var folder = new TemporaryFolder();
        var source = File.ReadAllText(Path.Combine(Kernels, file));
        if (plant is { } change)
        {
            source.ShouldContain(change.Old);
            source = source.Replace(change.Old, change.New, StringComparison.Ordinal);
        }
        File.WriteAllText(folder["kernel.cpp"], source + string.Concat(Entry().Matches(source).Select(entry => $"\nEMULATE({entry.Groups[1].Value})\n")));
        string[] arguments =
        [
            "-std=c++17", "-O1", "-mllvm", "-pragma-unroll-threshold=1", "-shared", "-fPIC", "-Wall", "-Werror", "-Wno-pass-failed", "-I", Kernels, "-include", Path.Combine(Repository.Root, "tests", "kernels", "host_shim.h"),
            .. defines.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(define => $"-D{define}"), folder["kernel.cpp"], "-o", folder["kernel.so"],
        ];
        var errors = new StringBuilder();
        using var process = new Process { StartInfo = new ProcessStartInfo(Compiler, arguments) { RedirectStandardError = true } };
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.Start();
        process.BeginErrorReadLine();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, errors.ToString());
        return NativeLibrary.Load(folder["kernel.so"]);
    }

    [GeneratedRegex(@"__global__ void __launch_bounds__\(.*\) (\w+)\(const __grid_constant__")]
    private static partial Regex Entry();
}
