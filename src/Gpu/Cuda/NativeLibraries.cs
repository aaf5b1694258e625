using System.Reflection;
using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// Finds NVIDIA's libraries. Order: the environment's own path, pip wheels' folder, the toolkit's folders, the loader's plain name;
/// CUDA 13 before 12. The driver (libcuda) comes from the machine, never from a toolkit.
/// </summary>
internal static class NativeLibraries
{
    public const string Driver = "cuda";
    public const string Compiler = "nvrtc";
    public const string Blas = "cublasLt";

    /// <summary>Names a folder that is searched first.</summary>
    public const string FolderVariable = "SPLITWISER_CUDA_LIBRARIES";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, nint> Loaded = [];

    static NativeLibraries() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);

    /// <summary>Loads a library now; false with what was tried when it is nowhere.</summary>
    public static bool TryLoad(string name, out nint handle, out string tried)
    {
        lock (Gate)
        {
            tried = "";
            if (Loaded.TryGetValue(name, out handle)) return true;
            foreach (var candidate in Candidates(name))
            {
                tried += (tried.Length == 0 ? "" : ", ") + candidate;
                if (name == Compiler && Path.IsPathRooted(candidate)) PreloadBuiltins(candidate);
                if (!NativeLibrary.TryLoad(candidate, out handle)) continue;
                Loaded[name] = handle;
                return true;
            }
            return false;
        }
    }

    /// <summary>The first of these functions that a library lacks; null when it has all.</summary>
    public static string? MissingExport(string name, params ReadOnlySpan<string> functions)
    {
        if (!TryLoad(name, out var handle, out _)) return $"lib{name}";
        foreach (var function in functions)
            if (!NativeLibrary.TryGetExport(handle, function, out _)) return function;
        return null;
    }

    /// <summary>Forces the resolver's registration before the first native call.</summary>
    public static void Register()
    {
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name is not (Driver or Compiler or Blas) ? 0
        : TryLoad(name, out var handle, out var tried) ? handle
        : throw new DllNotFoundException(Missing(name, tried));

    /// <summary>What to do about a library that is nowhere.</summary>
    public static string Missing(string name, string tried) => $"lib{name} was not found; tried {tried}. {Advice(name)}";

    private static string Advice(string name) => name == Driver
        ? "Install NVIDIA's driver (580 or newer for CUDA 13, 550 for CUDA 12.4)."
        : $"Install CUDA 13 (or 12.4+) or the wheels nvidia-cuda-nvrtc and nvidia-cublas, or name their folder in {FolderVariable}.";

    private static IEnumerable<string> Candidates(string name)
    {
        var files = name == Driver ? new[] { "libcuda.so.1" } : [$"lib{name}.so.13", $"lib{name}.so.12"];
        foreach (var file in files)
        {
            if (name != Driver)
                foreach (var folder in Folders())
                    if (File.Exists(Path.Combine(folder, file))) yield return Path.Combine(folder, file);
            yield return file;
        }
    }

    private static IEnumerable<string> Folders()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } own) yield return own;
        foreach (var packages in (Environment.GetEnvironmentVariable("PYTHONPATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return Path.Combine(packages, "nvidia", "cu13", "lib");
            yield return Path.Combine(packages, "nvidia", "cublas", "lib");
            yield return Path.Combine(packages, "nvidia", "cuda_nvrtc", "lib");
        }
        yield return "/usr/local/cuda/lib64";
        yield return "/usr/local/cuda/targets/x86_64-linux/lib";
    }

    // nvrtc looks its built-in headers up by plain name: they must be in the process before it is used.
    private static void PreloadBuiltins(string compiler)
    {
        var folder = Path.GetDirectoryName(compiler)!;
        foreach (var file in Directory.EnumerateFiles(folder, "libnvrtc-builtins.so.*"))
            if (NativeLibrary.TryLoad(file, out _)) return;
    }
}
