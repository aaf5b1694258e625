using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// Compiles the kernels of src/Gpu/Kernels for the card at hand and keeps the cubins on disk, keyed by source, headers, options
/// and the compiler's version. A damaged entry is rebuilt.
/// </summary>
internal sealed class KernelCompiler(CudaDevice device, string cacheFolder)
{
    private static readonly Assembly Own = typeof(KernelCompiler).Assembly;
    private static readonly string[] Headers = [.. Own.GetManifestResourceNames().Where(name => name.EndsWith(".cuh", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>Where the user's cache lives: $XDG_CACHE_HOME or ~/.cache.</summary>
    public static string DefaultCacheFolder => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "splitwiser", "kernels");

    /// <summary>All kernel files that this build carries: "RmsNorm.cu" and so on.</summary>
    public static IReadOnlyList<string> Sources { get; } = [.. Own.GetManifestResourceNames().Where(name => name.EndsWith(".cu", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <param name="file">"RmsNorm.cu".</param>
    /// <param name="defines">"HEAD_SIZE=128": compile-time sizes.</param>
    public CudaModule Load(string file, params string[] defines) => LoadSource(file, Text(file), defines);

    /// <summary>Source that this assembly does not carry; it may include its headers.</summary>
    public CudaModule LoadSource(string file, string source, params string[] defines)
    {
        string[] options = [$"--gpu-architecture=sm_{device.ComputeCapability}{(device.ComputeCapability == 90 ? "a" : "")}", "--std=c++17", "-default-device", .. defines.Select(d => $"-D{d}")];
        var entry = new CubinCacheEntry(cacheFolder, file, Key(source, options));
        if (entry.TryRead(out var cubin)) return new CudaModule(cubin);
        cubin = Compile(file, source, options);
        entry.Write(cubin);
        return new CudaModule(cubin);
    }

    private static unsafe byte[] Compile(string file, string source, string[] options)
    {
        Nvrtc.Check(Nvrtc.nvrtcCreateProgram(out var program, source, file, Headers.Length, [.. Headers.Select(Text)], Headers));
        try
        {
            var result = Nvrtc.nvrtcCompileProgram(program, options.Length, options);
            if (result != 0) throw new KernelCompileException(file, Log(program));
            Nvrtc.Check(Nvrtc.nvrtcGetCUBINSize(program, out var size));
            var cubin = new byte[size];
            fixed (byte* code = cubin) Nvrtc.Check(Nvrtc.nvrtcGetCUBIN(program, code));
            return cubin;
        }
        finally
        {
            _ = Nvrtc.nvrtcDestroyProgram(ref program);
        }
    }

    private static unsafe string Log(nint program)
    {
        Nvrtc.Check(Nvrtc.nvrtcGetProgramLogSize(program, out var size));
        var log = new byte[size];
        fixed (byte* text = log) Nvrtc.Check(Nvrtc.nvrtcGetProgramLog(program, text));
        return Encoding.UTF8.GetString(log).TrimEnd('\0', '\n');
    }

    private static string Key(string source, string[] options)
    {
        Nvrtc.Check(Nvrtc.nvrtcVersion(out var major, out var minor));
        var parts = string.Join('\0', [source, .. Headers.Select(Text), .. options, $"{major}.{minor}"]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts)));
    }

    private static string Text(string resource)
    {
        using var stream = Own.GetManifestResourceStream(resource) ?? throw new ArgumentException($"No kernel source {resource} in this build.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

/// <summary>A kernel did not compile: a bug of ours or a compiler that is too old. The message is the compiler's.</summary>
internal sealed class KernelCompileException(string file, string log) : Exception($"{file} does not compile:\n{log}");
