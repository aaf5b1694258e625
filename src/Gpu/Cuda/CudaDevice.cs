using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>One NVIDIA GPU of this machine.</summary>
public sealed record CudaDevice(int Ordinal, string Name, int ComputeCapability, int SmCount, long L2Bytes, long MemoryBytes, int SharedBytesPerBlock)
{
    /// <summary>Oldest architecture that the kernels are written for: bf16 mma and cp.async.</summary>
    private const int OldestCapability = 80;

    /// <summary>Oldest driver API that has green contexts and kernels of libraries: CUDA 12.4.</summary>
    private const int OldestDriver = 12040;

    /// <summary>The GPUs that Splitwiser can use; empty with the reason in words where there are none.</summary>
    public static IReadOnlyList<CudaDevice> Find(out string explanation)
    {
        if (!NativeLibraries.TryLoad(NativeLibraries.Driver, out _, out var tried))
        {
            explanation = $"No NVIDIA driver on this machine (tried {tried}).";
            return [];
        }
        setenv("CUDA_DEVICE_MAX_CONNECTIONS", "32", 0);   // else streams may share a hardware queue; .NET's own setter isn't seen by native code
        var initialised = CudaDriver.cuInit(0);
        if (initialised != CudaResult.Success)
        {
            explanation = initialised == CudaResult.NoDevice ? "The NVIDIA driver sees no GPU." : $"The NVIDIA driver could not start: CUDA error {(int)initialised}.";
            return [];
        }
        Cuda.Check(CudaDriver.cuDriverGetVersion(out var version));
        if (version < OldestDriver)
        {
            explanation = $"The NVIDIA driver speaks CUDA {version / 1000}.{version % 1000 / 10}; 12.4 or newer is needed (driver 550 or newer).";
            return [];
        }
        Cuda.Check(CudaDriver.cuDeviceGetCount(out var count));
        var all = Enumerable.Range(0, count).Select(Describe).ToArray();
        var usable = all.Where(device => device.ComputeCapability >= OldestCapability).ToArray();
        explanation = usable.Length > 0 ? $"{usable.Length} GPU(s): {string.Join(", ", usable.Select(d => d.Name))}."
            : $"No GPU of compute capability 8.0 or newer among {string.Join(", ", all.Select(d => $"{d.Name} ({d.ComputeCapability / 10}.{d.ComputeCapability % 10})"))}.";
        foreach (var library in usable.Length > 0 ? new[] { NativeLibraries.Compiler, NativeLibraries.Blas } : [])
        {
            if (NativeLibraries.TryLoad(library, out _, out tried)) continue;
            explanation = $"{usable[0].Name} can't be used: {NativeLibraries.Missing(library, tried)}";
            return [];
        }
        return usable;
    }

    private static unsafe CudaDevice Describe(int ordinal)
    {
        Cuda.Check(CudaDriver.cuDeviceGet(out var device, ordinal));
        var name = stackalloc byte[256];
        Cuda.Check(CudaDriver.cuDeviceGetName(name, 256, device));
        Cuda.Check(CudaDriver.cuDeviceTotalMem_v2(out var bytes, device));
        return new CudaDevice(ordinal, Marshal.PtrToStringUTF8((nint)name)!,
            Attribute(DeviceAttribute.ComputeCapabilityMajor) * 10 + Attribute(DeviceAttribute.ComputeCapabilityMinor),
            Attribute(DeviceAttribute.MultiprocessorCount), Attribute(DeviceAttribute.L2CacheSize), (long)bytes, Attribute(DeviceAttribute.MaxSharedMemoryPerBlockOptin));

        int Attribute(DeviceAttribute attribute)
        {
            Cuda.Check(CudaDriver.cuDeviceGetAttribute(out var value, attribute, device));
            return value;
        }
    }

    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int setenv(string name, string value, int overwrite);
}
