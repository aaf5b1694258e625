using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// A share of a device's multiprocessors. It is never made current: its streams run kernels of the primary context, on the share's
/// multiprocessors only, and see the same memory.
/// </summary>
internal sealed unsafe class GreenContext : SafeHandle
{
    private const uint DefaultStream = 1;       // the only flag there is, and it must be set

    public GreenContext(CudaDevice device, DeviceResource resource) : base(0, ownsHandle: true)
    {
        SmCount = (int)resource.SmCount;
        Cuda.Check(CudaDriver.cuDevResourceGenerateDesc(out var description, &resource, 1));
        Cuda.Check(CudaDriver.cuGreenCtxCreate(out var context, description, device.Ordinal, DefaultStream));
        SetHandle(context);
    }

    /// <summary>Multiprocessors of the share.</summary>
    public int SmCount { get; }

    public nint Handle => handle;
    public override bool IsInvalid => handle == 0;

    /// <summary>Why the driver has no green contexts; null when it has them.</summary>
    public static string? Problem => NativeLibraries.MissingExport(
        NativeLibraries.Driver, "cuDeviceGetDevResource", "cuDevSmResourceSplitByCount", "cuDevResourceGenerateDesc", "cuGreenCtxCreate", "cuGreenCtxDestroy", "cuGreenCtxStreamCreate") is { } missing
        ? $"The NVIDIA driver has no {missing}: it is too old to part the multiprocessors of a card; driver 580 can." : null;

    /// <summary>Parts the device's multiprocessors in two, the first of at least so many. Clusters of blocks are sure to fit the first, not the rest.</summary>
    public static (DeviceResource Part, DeviceResource Remaining) Split(CudaDevice device, int first)
    {
        DeviceResource all = default, part = default, rest = default;
        Cuda.Check(CudaDriver.cuDeviceGetDevResource(device.Ordinal, &all, DeviceResource.Multiprocessors));
        var groups = 1u;
        Cuda.Check(CudaDriver.cuDevSmResourceSplitByCount(&part, ref groups, &all, &rest, 0, (uint)first));
        return (part, rest);
    }

    protected override bool ReleaseHandle() => CudaDriver.cuGreenCtxDestroy(handle) == CudaResult.Success;
}
