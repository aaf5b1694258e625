using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>The CUDA driver API, as far as it is used. Names and meanings are NVIDIA's; handles are plain pointers here and SafeHandles outside.</summary>
internal static unsafe partial class CudaDriver
{
    private const string Library = NativeLibraries.Driver;

    static CudaDriver() => NativeLibraries.Register();

    [LibraryImport(Library)] internal static partial CudaResult cuInit(uint flags);
    [LibraryImport(Library)] internal static partial CudaResult cuDriverGetVersion(out int version);
    [LibraryImport(Library)] internal static partial CudaResult cuGetErrorName(CudaResult error, out byte* name);
    [LibraryImport(Library)] internal static partial CudaResult cuGetErrorString(CudaResult error, out byte* text);

    [LibraryImport(Library)] internal static partial CudaResult cuDeviceGetCount(out int count);
    [LibraryImport(Library)] internal static partial CudaResult cuDeviceGet(out int device, int ordinal);
    [LibraryImport(Library)] internal static partial CudaResult cuDeviceGetName(byte* name, int length, int device);
    [LibraryImport(Library)] internal static partial CudaResult cuDeviceGetAttribute(out int value, DeviceAttribute attribute, int device);
    [LibraryImport(Library)] internal static partial CudaResult cuDeviceTotalMem_v2(out nuint bytes, int device);
    [LibraryImport(Library)] internal static partial CudaResult cuDevicePrimaryCtxRetain(out nint context, int device);
    [LibraryImport(Library)] internal static partial CudaResult cuDevicePrimaryCtxRelease_v2(int device);
    [LibraryImport(Library)] internal static partial CudaResult cuCtxSetCurrent(nint context);
    [LibraryImport(Library)] internal static partial CudaResult cuCtxSynchronize();

    [LibraryImport(Library)] internal static partial CudaResult cuMemGetInfo_v2(out nuint free, out nuint total);
    [LibraryImport(Library)] internal static partial CudaResult cuMemAlloc_v2(out ulong pointer, nuint bytes);
    [LibraryImport(Library)] internal static partial CudaResult cuMemFree_v2(ulong pointer);
    [LibraryImport(Library)] internal static partial CudaResult cuMemHostAlloc(out void* pointer, nuint bytes, uint flags);
    [LibraryImport(Library)] internal static partial CudaResult cuMemFreeHost(void* pointer);
    [LibraryImport(Library)] internal static partial CudaResult cuMemcpyHtoDAsync_v2(ulong to, void* from, nuint bytes, nint stream);
    [LibraryImport(Library)] internal static partial CudaResult cuMemcpyDtoHAsync_v2(void* to, ulong from, nuint bytes, nint stream);
    [LibraryImport(Library)] internal static partial CudaResult cuMemcpyDtoDAsync_v2(ulong to, ulong from, nuint bytes, nint stream);
    [LibraryImport(Library)] internal static partial CudaResult cuMemsetD8Async(ulong to, byte value, nuint bytes, nint stream);

    [LibraryImport(Library)] internal static partial CudaResult cuStreamCreateWithPriority(out nint stream, uint flags, int priority);
    [LibraryImport(Library)] internal static partial CudaResult cuStreamDestroy_v2(nint stream);
    [LibraryImport(Library)] internal static partial CudaResult cuStreamSynchronize(nint stream);
    [LibraryImport(Library)] internal static partial CudaResult cuStreamWaitEvent(nint stream, nint @event, uint flags);
    [LibraryImport(Library)] internal static partial CudaResult cuStreamBeginCapture_v2(nint stream, int mode);
    [LibraryImport(Library)] internal static partial CudaResult cuStreamEndCapture(nint stream, out nint graph);

    [LibraryImport(Library)] internal static partial CudaResult cuEventCreate(out nint @event, uint flags);
    [LibraryImport(Library)] internal static partial CudaResult cuEventDestroy_v2(nint @event);
    [LibraryImport(Library)] internal static partial CudaResult cuEventRecord(nint @event, nint stream);
    [LibraryImport(Library)] internal static partial CudaResult cuEventQuery(nint @event);
    [LibraryImport(Library)] internal static partial CudaResult cuEventSynchronize(nint @event);
    [LibraryImport(Library)] internal static partial CudaResult cuEventElapsedTime(out float milliseconds, nint start, nint end);

    [LibraryImport(Library)] internal static partial CudaResult cuGraphInstantiateWithFlags(out nint executable, nint graph, ulong flags);
    [LibraryImport(Library)] internal static partial CudaResult cuGraphUpload(nint executable, nint stream);
    [LibraryImport(Library)] internal static partial CudaResult cuGraphLaunch(nint executable, nint stream);
    [LibraryImport(Library)] internal static partial CudaResult cuGraphExecDestroy(nint executable);
    [LibraryImport(Library)] internal static partial CudaResult cuGraphDestroy(nint graph);

    // Green contexts, which drivers have since CUDA 12.4 and later: GreenContext.Problem says whether the driver has them.
    [LibraryImport(Library)] internal static partial CudaResult cuDeviceGetDevResource(int device, DeviceResource* resource, int type);
    [LibraryImport(Library)]
    internal static partial CudaResult cuDevSmResourceSplitByCount(DeviceResource* result, ref uint groups, DeviceResource* input, DeviceResource* remaining, uint flags, uint minCount);
    [LibraryImport(Library)] internal static partial CudaResult cuDevResourceGenerateDesc(out nint description, DeviceResource* resources, uint count);
    [LibraryImport(Library)] internal static partial CudaResult cuGreenCtxCreate(out nint context, nint description, int device, uint flags);
    [LibraryImport(Library)] internal static partial CudaResult cuGreenCtxDestroy(nint context);
    [LibraryImport(Library)] internal static partial CudaResult cuGreenCtxStreamCreate(out nint stream, nint context, uint flags, int priority);

    [LibraryImport(Library)]
    internal static partial CudaResult cuLibraryLoadData(
        out nint library, void* code, void* jitOptions, void* jitValues, uint jitCount, void* libraryOptions, void* libraryValues, uint libraryCount);
    [LibraryImport(Library)] internal static partial CudaResult cuLibraryUnload(nint library);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial CudaResult cuLibraryGetKernel(out nint kernel, nint library, string name);
    [LibraryImport(Library)] internal static partial CudaResult cuKernelSetAttribute(FunctionAttribute attribute, int value, nint kernel, int device);
    [LibraryImport(Library)] internal static partial CudaResult cuKernelGetAttribute(out int value, FunctionAttribute attribute, nint kernel, int device);
    [LibraryImport(Library)]
    internal static partial CudaResult cuTensorMapEncodeTiled(
        TensorMap* map, int type, uint rank, ulong address, ulong* sizes, ulong* strides, uint* box, uint* elementStrides, int interleave, int swizzle, int promotion, int fill);
    [LibraryImport(Library)] internal static partial CudaResult cuKernelGetFunction(out nint function, nint kernel);
    [LibraryImport(Library)] internal static partial CudaResult cuFuncLoad(nint function);
    [LibraryImport(Library)] internal static partial CudaResult cuKernelGetParamInfo(nint kernel, nuint index, out nuint offset, out nuint size);
    [LibraryImport(Library)] internal static partial CudaResult cuLaunchKernelEx(LaunchConfig* config, nint kernel, void** parameters, void** extra);
}

/// <summary>CUresult; only the values that the code asks for have names.</summary>
internal enum CudaResult
{
    Success = 0,
    OutOfMemory = 2,
    NoDevice = 100,
    NotReady = 600,
}

internal enum DeviceAttribute
{
    MultiprocessorCount = 16,
    L2CacheSize = 38,
    ComputeCapabilityMajor = 75,
    ComputeCapabilityMinor = 76,
    MaxSharedMemoryPerBlockOptin = 97,
}

internal enum FunctionAttribute
{
    MaxThreadsPerBlock = 0,
    SharedSizeBytes = 1,
    LocalSizeBytes = 3,
    NumRegs = 4,
    MaxDynamicSharedSizeBytes = 8,
}

/// <summary>CUdevResource: 144 bytes; the fields of multiprocessors begin at 96. The driver fills in the rest, which stays as it is.</summary>
[StructLayout(LayoutKind.Explicit, Size = 144)]
internal struct DeviceResource
{
    /// <summary>CU_DEV_RESOURCE_TYPE_SM.</summary>
    public const int Multiprocessors = 1;

    [FieldOffset(0)] public int Type;
    [FieldOffset(96)] public uint SmCount;
}

/// <summary>CUlaunchConfig: 56 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal unsafe struct LaunchConfig
{
    [FieldOffset(0)] public uint GridX;
    [FieldOffset(4)] public uint GridY;
    [FieldOffset(8)] public uint GridZ;
    [FieldOffset(12)] public uint BlockX;
    [FieldOffset(16)] public uint BlockY;
    [FieldOffset(20)] public uint BlockZ;
    [FieldOffset(24)] public uint SharedBytes;
    [FieldOffset(32)] public nint Stream;
    [FieldOffset(40)] public LaunchAttribute* Attributes;
    [FieldOffset(48)] public uint AttributeCount;
}

/// <summary>CUlaunchAttribute: 72 bytes; the value starts at 8 and is a plain int for those used here.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct LaunchAttribute
{
    /// <summary>CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION: the kernel may start before its predecessor has ended.</summary>
    public const int ProgrammaticStreamSerialization = 6;

    /// <summary>CU_LAUNCH_ATTRIBUTE_COOPERATIVE: all blocks are resident at once, so they may wait for each other.</summary>
    public const int Cooperative = 2;

    [FieldOffset(0)] public int Id;
    [FieldOffset(8)] public int Value;
}
